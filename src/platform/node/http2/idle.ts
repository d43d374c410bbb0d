/** Connections that are of no use any more: open, without a call, and silent. */
import type { Clock } from "../../../server/index.ts";
import type { Log } from "../log.ts";

export interface IdleOptions {
  readonly clock: Clock;
  /** A silence of that long is found within twice this time; 0 for never. */
  readonly timeoutMs: number;
  readonly hasCalls: () => boolean;
  readonly log: Log;
}

/** Of node:http2 or of the engine. */
interface IdleSession {
  /** Gone as soon as the session is. */
  readonly socket: { readonly bytesRead: number } | undefined;
  close(): void;
  once(event: "close", listener: () => void): unknown;
}

/** Ends it by a GOAWAY without an error: clients connect again when they have something to say. */
export function endWhenIdle(session: IdleSession, { clock, timeoutMs, hasCalls, log }: IdleOptions): void {
  if (timeoutMs <= 0) return;
  let seenBytes = session.socket?.bytesRead;
  let cancel: () => void;
  const wait = (): void => {
    cancel = clock.setTimer(timeoutMs, () => {
      const bytes = session.socket?.bytesRead;
      if (bytes === undefined) return;
      if (bytes === seenBytes && !hasCalls()) {
        log.debug("an idle connection was closed, see --connection-idle-timeout", { timeoutMs });
        session.close();
        return;
      }
      seenBytes = bytes;
      wait();
    });
  };
  session.once("close", () => cancel());
  wait();
}
