/**
 * Loaded into the server's process before the server: answers its parent's questions about its memory. A full
 * collection comes before each answer, so that what is measured is what the server holds, not what is still to be
 * collected.
 */
import { writeHeapSnapshot } from "node:v8";

export interface ProbeAnswer {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Used and not. */
  readonly heapTotalBytes: number;
  /** Buffers, beside the heap. */
  readonly externalBytes: number;
  /** Of all cores, since the start. */
  readonly cpuMs: number;
}

process.on("message", (question) => {
  if (typeof question === "object" && question !== null && "heapSnapshot" in question) {
    writeHeapSnapshot(String(question.heapSnapshot));
    return;
  }
  // Room for young objects that a burst has made is given back by this kind only.
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const answer: ProbeAnswer = {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    cpuMs: (user + system) / 1000,
  };
  process.send?.(answer);
});
// Nobody else would end it.
process.on("disconnect", () => process.exit(1));
