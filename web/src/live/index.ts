/** Staying current: watches that resume, and what is told of them. */

export type { LiveBatch, LiveListener } from "./livewatch.ts";
export { NotLive } from "./NotLive.tsx";
export { ResumingWatch, type WatchPhase, type WatchRange, type WatchState } from "./resumingwatch.ts";
export { streamsOf } from "./streambudget.ts";
export { type NotLiveReason, useLiveEvents } from "./useLiveEvents.ts";
export { useNow } from "./useNow.ts";
export { type OpenWatchStream, watchStreamsOf } from "./watchstream.ts";
