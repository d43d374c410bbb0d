/** What a row of the table is, and whom it is measured on. */

export const CONTESTANTS = ["etcdlite", "etcdlite_disk", "etcd_tmpfs", "etcd_disk", "limit"] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** Of the load that counts, the share that goes before it. */
export const WARM_SHARE = 0.5;

export interface Target {
  readonly name: ContestantName;
  /** Of a server that speaks HTTP/2 without TLS. */
  readonly url: string;
  /** The same for HTTP/1.1. */
  readonly http1Url: string;
  readonly pid: number;
  /** Prefixes with keys in them, and what else is there to be read. */
  readonly prepared: Set<string>;
}

/** One exchange, whose reply is looked at, and repeated by the servers of constant bytes. */
export interface Call {
  readonly http: 1 | 2;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** A reply for each such request on a stream, and not one at its end. */
  readonly repeated?: boolean;
  /** @throws Error where the reply is not the one that is to be measured */
  check(reply: Reply): void;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of HTTP/1.1: all bytes, head and body and what frames it. */
  readonly wireBytes: number;
}

export interface Counted {
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of the server, where the load knows better than its start and end when what is counted began. */
  readonly cpuSeconds?: number;
}

export type Tool = "h2load" | "wrk" | "benchmark" | "load" | "chromium" | "package" | "none";

/**
 * @param share of what a full run does
 * @param replies to the row's calls, as this server gave them just before
 */
export type Load = (target: Target, share: number, replies: readonly Reply[]) => Promise<Counted>;

export interface Row {
  readonly name: string;
  /** Calls are of functions: no server's processor time is told with them. */
  readonly unit: "requests" | "events" | "keys" | "starts" | "calls";
  readonly tool: Tool;
  readonly on: readonly ContestantName[];
  /** Beside the number of rounds: most rounds for a row that takes long to prepare. */
  readonly maxRounds?: number;
  /** Made on each server before the first load of a round. @param share of what a full run does */
  prepare?(target: Target, share: number): Promise<void>;
  readonly calls?: readonly Call[];
  /** Revisions that are written for each that is counted; undefined: not looked at. */
  readonly revisions?: number;
  readonly load: Load;
  /** In place of half the load, before the one that counts. */
  readonly warmUp?: Load;
}

export const EVERYWHERE = CONTESTANTS;
/** Where there is no server of constant bytes that could stand beside it. */
export const SERVERS = CONTESTANTS.filter((name) => name !== "limit");
/** What etcd does not speak. */
export const NOT_ETCD: readonly ContestantName[] = ["etcdlite", "etcdlite_disk", "limit"];
export const STORE_ALONE: readonly ContestantName[] = ["etcdlite"];
