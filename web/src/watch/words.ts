/** What is said of a watch's state. */
import type { WatchPhase } from "../live/index.ts";

export const PHASE_WORDS: Record<WatchPhase, string> = {
  stopped: "stopped",
  connecting: "connecting",
  live: "live",
  reconnecting: "reconnecting",
  compacted: "compacted",
  rewound: "store replaced",
  failed: "failed",
};

/** `now`, `12 s ago`, `3 min ago`. */
export function agoText(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - atMs) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 100) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}

export function countText(count: number): string {
  return count.toLocaleString("en");
}
