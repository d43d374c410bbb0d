import type { Clients } from "../../store/clients.ts";
import type { FlagSpec, Parsed } from "../language/flags.ts";
import type { GoString } from "../language/gostring.ts";
import type { Output, Style } from "../print/output.ts";

/** What a command works with. */
export interface Context {
  readonly clients: Clients;
  /** What stands for the server where etcdctl prints an endpoint. */
  readonly endpoint: string;
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly style: Style;
  /** The next line of the command's input, without its end; undefined at the end of it. */
  readonly readLine: () => Promise<GoString | undefined>;
}

export interface Command {
  /** `lease grant` */
  readonly name: string;
  readonly group: "Key-value" | "Cluster maintenance" | "Utility";
  /** Its arguments, `<key> [range_end]`. */
  readonly usage: string;
  readonly summary: string;
  /** Further lines of its help. */
  readonly notes?: string;
  readonly flags: readonly FlagSpec[];
  /** What its arguments are, for completion. */
  readonly completes?: "keys" | "leases";
  /** @throws CommandError or ConnectError */
  run(parsed: Parsed, context: Context): Promise<void>;
}

/** Waits as long, or rejects when the command is ended. */
export function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, forMs);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
