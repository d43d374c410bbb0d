/** How far back the past goes: clients compact, and so does the server by itself; and what that is to a read of the past. */
import type { Revision } from "./history.ts";

/** What clients leave, of revisions. */
export const KEPT_REVISIONS = 2_000;
/** What the server leaves. */
export const KEPT_SECONDS = 20;
/** So much younger than that a revision may look, where the watch of everything is late. */
const LATE_SECONDS = 10;

/** That a read is told where it comes too late. */
export function isCompacted(error: unknown): boolean {
  return String(error).includes("required revision has been compacted");
}

/** @param last the newest revision */
export function mayBeCompacted({ number, seenMs }: Revision, last: number): boolean {
  const ageMs = performance.now() - seenMs;
  return ageMs >= (KEPT_SECONDS - LATE_SECONDS) * 1000 || last - number >= KEPT_REVISIONS;
}
