/** Pairs of servers to compare: started fresh, or from one another's snapshots, or running ones by URL. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "../../src/platform/node/index.ts";
import { etcdutl } from "../snapshot/support/tools.ts";
import type { StartEtcdOptions } from "../support/etcd.ts";
import { findOrBuildEtcd, startEtcd } from "../support/etcd.ts";
import { startEtcdlite } from "../support/etcdlite.ts";
import { type Known, Side } from "./side.ts";

const READY_TIMEOUT_MS = 20_000;

/** For both: passwords that cost little, tokens that outlast any run. */
const FLAGS = ["--bcrypt-cost", "4", "--auth-token-ttl", "1000000"];

const RESTORED_URL = "http://restored.peer:2380";

export type Target = {
  readonly name: string;
  start(): Promise<Running>;
  /** From the snapshot in `file`; `dataDir` is where its data may go. A running server has no such start. */
  readonly startFrom?: (file: string, dataDir: string) => Promise<Running>;
};

/** Of /version; etcd has told the storage's since 3.6. */
type Versions = { readonly etcdserver: string; readonly storage?: string };

export type Running = { readonly url: string; stop(): Promise<void> };

export function realEtcd(name = "etcd", options: StartEtcdOptions = {}): Target {
  const flags = [...FLAGS, ...(options.flags ?? [])];
  const start = (more: readonly string[]): Promise<Running> =>
    startEtcd({ binary: findOrBuildEtcd(), ...options, flags: [...flags, ...more] });
  return {
    name,
    start: () => start([]),
    startFrom: (file, dataDir) => {
      // A peer URL of its own, so that its member ID is none that is in the snapshot.
      const peer = ["--initial-cluster", `default=${RESTORED_URL}`, "--initial-advertise-peer-urls", RESTORED_URL];
      etcdutl("snapshot", "restore", file, "--data-dir", dataDir, ...peer);
      return start(["--data-dir", dataDir]);
    },
  };
}

export function etcdlite(): Target {
  const start = (...flags: string[]): Promise<Running> => startEtcdlite(["--name", "default", ...FLAGS, ...flags]);
  return { name: "etcdlite", start: () => start(), startFrom: (file) => start("--from-snapshot", file) };
}

/** In this process: quicker to start, for transcripts. */
export function etcdliteHere(): Target {
  return {
    name: "etcdlite",
    start: async () => {
      const server = await createServer({ listenClientUrls: ["http://127.0.0.1:0"], name: "default", bcryptCost: 4 });
      return { url: server.url, stop: () => server.close() };
    },
  };
}

export function running(name: string, url: string): Target {
  return { name, start: () => Promise.resolve({ url, stop: () => Promise.resolve() }) };
}

/** A running server cannot be started afresh, so nothing found on it is shrunk. */
export function isFresh(target: Target): boolean {
  return target.startFrom !== undefined;
}

/** Servers of every target, connected to. */
export class Pair {
  /** Others after an exchange. */
  sides: readonly Side[] = [];
  readonly #targets: readonly Target[];
  #servers: readonly Running[] = [];
  /** Of the servers that run now, if they were started from snapshots. */
  #folder: string | undefined;

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
  }

  get canExchange(): boolean {
    return this.#targets.every(isFresh);
  }

  /** Starts them; none is left if one fails. `known` is what their sides must know. */
  async start(
    begin: (target: Target, index: number) => Promise<Running> = (target) => target.start(),
    known: (index: number) => Known = () => ({}),
  ): Promise<void> {
    const started = await Promise.allSettled(this.#targets.map(begin));
    this.#servers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    try {
      for (const result of started) if (result.status === "rejected") throw result.reason;
      await Promise.all(this.#servers.map(({ url }) => untilVersioned(url)));
      const connect = ({ name }: Target, index: number): Promise<Side> =>
        Side.connect(name, this.#servers[index]?.url ?? "", known(index));
      this.sides = await Promise.all(this.#targets.map(connect));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const side of this.sides) side.close();
    await Promise.all(this.#servers.map((server) => server.stop()));
    this.sides = [];
    this.#servers = [];
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  /** Ends the servers and starts new ones, each from the snapshot of the next. */
  async exchange(rootPassword: string | undefined): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "differential-"));
    const files = this.sides.map((_, index) => join(folder, `${index}.db`));
    const sources = this.sides.map(({ identity }) => identity.memberId);
    const next = (index: number): number => (index + 1) % files.length;
    await Promise.all(this.sides.map((side, index) => side.saveSnapshot(files[index] ?? "")));
    await this.stop();
    this.#folder = folder;
    const begin = ({ name, startFrom }: Target, index: number): Promise<Running> => {
      if (startFrom === undefined) throw new Error(`${name} cannot be started from a snapshot`);
      return startFrom(files[next(index)] ?? "", join(folder, `data-${index}`));
    };
    await this.start(begin, (index) => ({ rootPassword, sourceId: sources[next(index)] }));
  }
}

export async function startPair(targets: readonly Target[]): Promise<Pair> {
  const pair = new Pair(targets);
  await pair.start();
  return pair;
}

/** A fresh etcd agrees on the cluster's version, and then the storage's, a moment after it serves. */
async function untilVersioned(url: string): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const { etcdserver, storage = "" } = (await (await fetch(`${url}/version`)).json()) as Versions;
    const [series = ""] = /^3\.\d+\./.exec(etcdserver) ?? [];
    if (storage.startsWith(series) || /^3\.[0-5]\./.test(series)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url}: no storage version of its own within ${READY_TIMEOUT_MS} ms`);
}
