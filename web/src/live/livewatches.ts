import { mapKey } from "../store/bytes.ts";
import type { Connection } from "../store/connection.ts";
import { background } from "../store/requestlog.ts";
import { type LiveListener, LiveWatch } from "./livewatch.ts";
import type { WatchRange } from "./resumingwatch.ts";
import { streamsOf } from "./streambudget.ts";

/** A screen that is left and one that is entered watch the same range: the watch outlives the moment between. */
const LINGER_MS = 1_000;

const byConnection = new WeakMap<Connection, Map<string, LiveWatch>>();

export interface Joined {
  readonly watch: LiveWatch;
  readonly leave: () => void;
}

/** Joins the watch of a range, which is opened by the first to join. */
export function joinLiveWatch(connection: Connection, range: WatchRange, listener: LiveListener): Joined {
  const watches = byConnection.get(connection) ?? new Map<string, LiveWatch>();
  byConnection.set(connection, watches);
  // What one user may watch is not for the next.
  const name = `${connection.session.epoch.value} ${rangeName(range)}`;
  const watch = watches.get(name) ?? new LiveWatch(streamsOf(connection, background), range);
  watches.set(name, watch);
  const leave = watch.add(listener);
  return {
    watch,
    leave: () => {
      leave();
      setTimeout(() => {
        if (!watch.isUnused || watches.get(name) !== watch) return;
        watches.delete(name);
        watch.close();
      }, LINGER_MS);
    },
  };
}

/** The same text for the same range only: keys are told apart by their length. */
export function rangeName({ key, rangeEnd }: WatchRange): string {
  return `${key.length}:${mapKey(key)}${mapKey(rangeEnd)}`;
}
