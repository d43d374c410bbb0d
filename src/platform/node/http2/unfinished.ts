/**
 * HTTP/2 connections that fell silent in the midst of a frame, or of headers in several: node:http2 waits for the rest
 * for ever, and tells nobody. A client that is well can answer a ping; one that is in the midst of something cannot,
 * as nothing may come in between. It is asked once for each silence.
 *
 *     bytes ── silence ──► ping ── an answer ──► nothing, until there are bytes again
 *                               └─ silence ────► ended
 */
import type { ServerHttp2Session } from "node:http2";
import type { Clock } from "../../../server/index.ts";

export interface UnfinishedOptions {
  readonly clock: Clock;
  /** For the silence, and for the answer; 0 for never. */
  readonly timeoutMs: number;
  /** To end the connection. */
  readonly end: () => void;
}

export function endWhenUnfinished(session: ServerHttp2Session, { clock, timeoutMs, end }: UnfinishedOptions): void {
  if (timeoutMs <= 0) return;
  const { socket } = session;
  let seenBytes = -1;
  /** So many bytes are whole frames. */
  let wholeBytes = 0;
  let isAsked = false;
  let cancel: () => void;
  const look = (): void => {
    if (session.destroyed) return;
    const bytes = socket.bytesRead;
    if (bytes !== seenBytes || bytes === wholeBytes) {
      seenBytes = bytes;
    } else if (isAsked) {
      end();
      return;
    } else {
      isAsked = true;
      session.ping(() => {
        isAsked = false;
        wholeBytes = session.destroyed ? 0 : socket.bytesRead;
      });
    }
    cancel = clock.setTimer(timeoutMs, look);
  };
  session.once("close", () => cancel());
  cancel = clock.setTimer(timeoutMs, look);
}
