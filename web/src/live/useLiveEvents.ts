import type { ConnectError } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "react";
import { useConnection } from "../app/context.ts";
import { Cell, useCell } from "../ui/index.ts";
import type { LiveListener, LiveWatch } from "./livewatch.ts";
import { joinLiveWatch, rangeName } from "./livewatches.ts";
import type { WatchRange, WatchState } from "./resumingwatch.ts";

/** Why a range is not watched, for good: it is not tried again by itself. */
export interface NotLiveReason {
  readonly error: ConnectError;
  readonly retry: () => void;
}

const NO_STATE = new Cell<WatchState | undefined>(undefined);

/**
 * Stays current with a range (undefined: with none): the listener gets one batch a frame, the first one with
 * `reload: "started"`. See livewatch.ts for what a listener does about `reload`.
 *
 * @returns undefined unless the server refuses the watch, as it does to a user who may not read the range
 */
export function useLiveEvents(range: WatchRange | undefined, listener: LiveListener): NotLiveReason | undefined {
  const connection = useConnection();
  const latest = useRef(listener);
  latest.current = listener;
  const held = useRef(range);
  held.current = range;
  const name = range === undefined ? undefined : rangeName(range);
  const [watch, setWatch] = useState<LiveWatch>();
  useEffect(() => {
    if (name === undefined || held.current === undefined) return setWatch(undefined);
    const joined = joinLiveWatch(connection, held.current, (batch) => latest.current(batch));
    setWatch(joined.watch);
    return joined.leave;
  }, [connection, name]);
  const state = useCell<WatchState | undefined>(watch?.state ?? NO_STATE);
  if (watch === undefined || state?.phase !== "failed" || state.error === undefined) return undefined;
  return { error: state.error, retry: () => watch.retry() };
}
