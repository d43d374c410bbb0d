/** Who is measured: started once a round, each on ports and in a folder of its own. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEtcd } from "../test/support/etcd.ts";
import { startEtcdlite } from "../test/support/etcdlite.ts";
import { type LimitServer, startLimit } from "./limit/start.ts";
import type { ContestantName, Target } from "./row.ts";

export interface Started extends Target {
  readonly limit?: LimitServer;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** etcdlite's `--h2`, where it is to be told. */
  readonly h2?: string;
  /** `etcdlite` is the one with a data dir. */
  readonly dataDir: boolean;
}

const NO_QUOTA = ["--quota-backend-bytes", "-1"];
const MEMORY_FOLDER = "/dev/shm";

/** @returns why it cannot be measured on this machine, or undefined */
export function missingFor(name: ContestantName): string | undefined {
  if (name === "etcd_tmpfs" && !existsSync(MEMORY_FOLDER)) return `no file system in memory at ${MEMORY_FOLDER}`;
  return undefined;
}

export async function start(name: ContestantName, options: ServerOptions): Promise<Started> {
  switch (name) {
    case "etcdlite":
      return options.dataDir ? await etcdliteOnDisk(name, options) : await etcdlite(name, options, []);
    case "etcdlite_disk":
      return await etcdliteOnDisk(name, options);
    case "etcd_disk":
      return await etcd(name, tmpdir(), ["--unsafe-no-fsync=false"]);
    case "etcd_tmpfs":
      return await etcd(name, MEMORY_FOLDER, ["--unsafe-no-fsync"]);
    case "limit": {
      const limit = await startLimit(options.h2);
      return { ...limit, name, prepared: new Set(), limit };
    }
  }
}

async function etcdlite(name: ContestantName, { h2 }: ServerOptions, flags: readonly string[]): Promise<Started> {
  const engine = h2 === undefined ? [] : ["--h2", h2];
  const { url, pid, stop } = await startEtcdlite([...NO_QUOTA, ...engine, ...flags]);
  return { name, url, http1Url: url, pid, prepared: new Set(), stop };
}

async function etcdliteOnDisk(name: ContestantName, options: ServerOptions): Promise<Started> {
  return await inFolder(tmpdir(), (folder) => etcdlite(name, options, ["--data-dir", folder]));
}

async function etcd(name: ContestantName, parent: string, flags: readonly string[]): Promise<Started> {
  return await inFolder(parent, async (folder) => {
    const { url, pid, stop } = await startEtcd({ flags: [...NO_QUOTA, ...flags, "--data-dir", folder] });
    return { name, url, http1Url: url, pid, prepared: new Set(), stop };
  });
}

async function inFolder(parent: string, starting: (folder: string) => Promise<Started>): Promise<Started> {
  const folder = mkdtempSync(join(parent, "etcdlite-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const started = await starting(folder);
    return { ...started, stop: () => started.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
