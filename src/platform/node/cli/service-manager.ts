/**
 * What systemd is told of a service of `Type=notify`, as etcd tells it. Node has no datagrams on unix sockets, so
 * it is systemd's own `systemd-notify` that says it: the unit needs `NotifyAccess=all`.
 */
import { execFile } from "node:child_process";
import type { Log } from "../log.ts";

const TIMEOUT_MS = 5_000;

export type ServiceState = "READY=1" | "STOPPING=1";

/** Without effect where nobody asks for it. Settles when it was said, or could not be. */
export function notifyServiceManager(state: ServiceState, environment: NodeJS.ProcessEnv, log: Log): Promise<void> {
  if (!environment.NOTIFY_SOCKET) return Promise.resolve();
  return new Promise((resolve) => {
    const args = [`MAINPID=${process.pid}`, state];
    execFile("systemd-notify", args, { env: environment, timeout: TIMEOUT_MS }, (error) => {
      if (error !== null) log.warn("systemd could not be notified", { state, error: error.message.trim() });
      resolve();
    });
  });
}
