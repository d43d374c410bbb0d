/** Resident memory of the server process, beside etcd's by the same load. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findEtcd, startEtcd } from "../../test/support/etcd.ts";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { connect, fill, type Load, memoryOf } from "./client.ts";
import { print } from "./print.ts";

interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** For collectors to come to rest. */
const REST_MS = 8000;
const QUOTA = ["--quota-backend-bytes", String(8 * 2 ** 30)];

const SERVERS: Record<string, () => Promise<Server>> = {
  etcdlite: () => startEtcdlite(QUOTA),
  etcdlite_disk: startOnDisk,
  etcd: () => startEtcd({ flags: QUOTA }),
};

const SHAPES: Record<string, (scale: number) => Load> = {
  keys: (scale) => ({ puts: 1_000_000 * scale, keys: 1_000_000 * scale, keyBytes: 64, valueBytes: 256 }),
  revisions: (scale) => ({ puts: 1_000_000 * scale, keys: 100_000 * scale, keyBytes: 64, valueBytes: 256 }),
};

export async function memory(scale: number): Promise<void> {
  for (const [shape, load] of Object.entries(SHAPES)) {
    for (const [name, start] of Object.entries(SERVERS)) {
      if (name === "etcd" && findEtcd() === undefined) continue;
      const server = await start();
      try {
        await measure(`memory_${shape}_${name}`, server, load(scale));
      } finally {
        await server.stop();
      }
    }
  }
}

async function measure(name: string, { url, pid }: Server, load: Load): Promise<void> {
  const loader = connect(url);
  try {
    const startMs = performance.now();
    await fill(loader, load);
    print(`${name}_fill_s`, (performance.now() - startMs) / 1000);
    await sleep(REST_MS);
    const { rssMb, peakMb } = memoryOf(pid);
    print(`${name}_mb`, rssMb);
    print(`${name}_peak_mb`, peakMb);
    const { header } = await loader.kv.range({ key: Buffer.from("x") });
    await loader.kv.compact({ revision: header?.revision ?? 0n, physical: true });
    await sleep(REST_MS);
    print(`${name}_compacted_mb`, memoryOf(pid).rssMb);
  } finally {
    loader.close();
  }
}

async function startOnDisk(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "etcdlite-bench-data-"));
  const server = await startEtcdlite([...QUOTA, "--data-dir", dataDir, "--unsafe-no-fsync"]);
  return { ...server, stop: () => server.stop().finally(() => rmSync(dataDir, { recursive: true })) };
}
