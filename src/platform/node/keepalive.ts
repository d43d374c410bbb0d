/** gRPC's keepalive on the server's side: a client that has long been silent is asked whether it is there. */
import type { ServerHttp2Session } from "node:http2";
import type { Clock } from "../../server/index.ts";
import type { Log } from "./log.ts";

export interface KeepAliveOptions {
  readonly clock: Clock;
  /** A silence that is that long is worth a ping; longer ones are found within twice this time. */
  readonly intervalMs: number;
  /** For the answer to come; without one the connection is closed. */
  readonly timeoutMs: number;
  readonly log: Log;
}

export function keepAlive(session: ServerHttp2Session, options: KeepAliveOptions): void {
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
