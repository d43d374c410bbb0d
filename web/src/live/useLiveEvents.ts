import { useEffect, useRef } from "react";
import { useConnection } from "../app/context.ts";
import type { LiveListener } from "./livewatch.ts";
import { joinLiveWatch, rangeName } from "./livewatches.ts";
import type { WatchRange } from "./resumingwatch.ts";

/**
 * Stays current with a range (undefined: with none): the listener gets one batch a frame, the first one with
 * `reload: "started"`. See livewatch.ts for what a listener does about `reload`.
 */
export function useLiveEvents(range: WatchRange | undefined, listener: LiveListener): void {
  const connection = useConnection();
  const latest = useRef(listener);
  latest.current = listener;
  const held = useRef(range);
  held.current = range;
  const name = range === undefined ? undefined : rangeName(range);
  useEffect(() => {
    if (name === undefined || held.current === undefined) return;
    return joinLiveWatch(connection, held.current, (batch) => latest.current(batch));
  }, [connection, name]);
}
