/** etcdctl and etcdutl, and real etcds on what they have restored. */
import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { promisify } from "node:util";
import { findEtcdctl, findEtcdutl, type RealEtcd, startEtcd } from "../../support/etcd.ts";

/** What the tool printed. @throws Error with what it said when it failed */
export function etcdctl(...args: string[]): Promise<string> {
  return run(findEtcdctl() as string, args);
}

export function etcdutl(...args: string[]): Promise<string> {
  return run(findEtcdutl() as string, args);
}

export interface SnapshotStatus {
  readonly hash: number;
  readonly revision: number;
  readonly totalKey: number;
  readonly totalSize: number;
  readonly version: string;
}

export async function statusOf(file: string): Promise<SnapshotStatus> {
  return JSON.parse(await etcdutl("snapshot", "status", file, "-w", "json")) as SnapshotStatus;
}

/** The hash of a file's keys, its revision and the compacted one, as etcdutl finds them; it writes to what it reads. */
export async function hashOf(file: string): Promise<string> {
  const copy = `${file}.copy`;
  cpSync(file, copy);
  return (await etcdutl("hashkv", copy)).trim();
}

/** A real etcd on a data dir that etcdutl has made of a snapshot. */
export async function startRestored(file: string, dataDir: string, ...flags: string[]): Promise<RealEtcd> {
  await etcdutl("snapshot", "restore", file, "--data-dir", dataDir, ...flags);
  return startEtcd({ flags: ["--data-dir", dataDir] });
}

/** Not at once: the server that it calls may be in this process. */
async function run(tool: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(tool, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
