/** gRPC's keepalive on the server's side: a client that has long been silent is asked whether it is there. */
import type { Clock } from "../../../server/index.ts";
import type { Log } from "../log.ts";

export interface KeepAliveTimes {
  /** A silence that is that long is worth a ping; longer ones are found within twice this time. */
  readonly intervalMs: number;
  /** For the answer to come; without one the connection is closed. */
  readonly timeoutMs: number;
}

export interface KeepAliveOptions extends KeepAliveTimes {
  readonly clock: Clock;
  readonly log: Log;
}

/** Of node:http2 or of the engine. */
export interface KeptSession {
  readonly socket: { readonly bytesRead: number };
  ping(answered: (error: Error | null) => void): unknown;
  destroy(): void;
  once(event: "close", listener: () => void): unknown;
}

export function keepAlive(session: KeptSession, options: KeepAliveOptions): void {
  const { clock, intervalMs, timeoutMs, log } = options;
  let cancel: () => void;
  let seenBytes = -1;
  const waitForSilence = (): void => {
    cancel = clock.setTimer(intervalMs, () => {
      const bytes = session.socket.bytesRead;
      if (bytes === seenBytes) ping();
      else waitForSilence();
      seenBytes = bytes;
    });
  };
  const ping = (): void => {
    cancel = clock.setTimer(timeoutMs, () => {
      log.debug("a client did not answer a ping", { timeoutMs });
      session.destroy();
    });
    session.ping((error) => {
      cancel();
      if (error === null) waitForSilence();
    });
  };
  session.once("close", () => cancel());
  waitForSilence();
}
