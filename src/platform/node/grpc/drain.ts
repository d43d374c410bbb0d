/**
 * The end of a call whose client is still sending. The client has its status, and nearly every client stops by
 * itself when it sees it. Until then what it sends is read and dropped: resetting the stream at once makes
 * errors of the frames already on their way, and node:http2 ends a connection with too many of those.
 */
import type { ServerHttp2Stream } from "node:http2";

/** How long a client may take to notice. */
const GRACE_MS = 250;

/**
 * @param stream its data flows, and its status is sent or about to be
 * @param maxBytes what may still come before the stream is reset
 */
export function drain(stream: ServerHttp2Stream, maxBytes: number): void {
  if (stream.readableEnded || stream.closed) return;
  let bytes = 0;
  const reset = (): void => {
    if (!stream.readableEnded && !stream.closed) stream.close();
  };
  const timer = setTimeout(reset, GRACE_MS);
  timer.unref();
  stream.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > maxBytes) reset();
  });
  stream.once("close", () => clearTimeout(timer));
  stream.resume();
}
