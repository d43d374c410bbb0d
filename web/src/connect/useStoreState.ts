import { useCallback, useSyncExternalStore } from "react";
import type { BrowserStore, StoreState } from "../../../src/platform/browser/index.ts";

/** The state of a store in this browser as it changes; undefined for a server. */
export function useStoreState(store: BrowserStore | undefined): StoreState | undefined {
  const subscribe = useCallback((listener: () => void) => store?.subscribe(listener) ?? (() => {}), [store]);
  const get = useCallback(() => store?.state, [store]);
  return useSyncExternalStore(subscribe, get, get);
}
