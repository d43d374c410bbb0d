import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { Auth } from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import type { Clients } from "../../store/clients.ts";
import type { FlagSpec, Parsed } from "../language/flags.ts";
import type { GoString } from "../language/gostring.ts";
import type { Output, Style } from "../print/output.ts";

/** The page's clients, and Auth, which nothing else on its first screen needs. */
export interface ConsoleClients extends Clients {
  readonly auth: Client<typeof Auth>;
}

export function consoleClients(clients: Clients, transport: Transport): ConsoleClients {
  return { ...clients, auth: createClient(Auth, transport) };
}

/** Reads the next line of a command's input, without its end; undefined at the end of it. */
export type ReadLine = (isSecret?: boolean) => Promise<GoString | undefined>;

/** What a command works with. */
export interface Context {
  readonly clients: ConsoleClients;
  /** What stands for the server where etcdctl prints an endpoint. */
  readonly endpoint: string;
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly style: Style;
  readonly readLine: ReadLine;
}

export interface Command {
  /** `lease grant` */
  readonly name: string;
  readonly group: "Key-value" | "Cluster maintenance" | "Authentication" | "Utility";
  /** Its arguments, `<key> [range_end]`. */
  readonly usage: string;
  readonly summary: string;
  /** Further lines of its help. */
  readonly notes?: string;
  readonly flags: readonly FlagSpec[];
  /** What its arguments are, for completion. */
  readonly completes?: "keys" | "leases" | "users" | "roles";
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
