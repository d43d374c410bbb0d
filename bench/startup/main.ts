/**
 * `node bench/startup/main.ts`: how long it takes until an etcd is there that has many keys in its data dir. The first
 * time it fills one, which takes longer. Prints each start, and the median.
 *
 *     --keys N      keys (1,000,000), of 100 bytes each
 *     --starts N    how often (5)
 *     --dir DIR     where they are, or will be; default: a folder that is removed at the end
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type OpenedEtcd, openEtcd } from "../../src/driver/index.ts";
import { realClock } from "../../src/platform/node/clock.ts";
import { SqliteJournal } from "../../src/platform/node/journal/sqlite.ts";

const VALUE = new Uint8Array(100).fill(120);
const NAMESPACES = 100;
/** So many are applied before the journal gets a turn. */
const BATCH = 5_000;

const { values: flags } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    starts: { type: "string", default: "5" },
    dir: { type: "string" },
  },
});
const keys = Number(flags.keys);
const directory = flags.dir ?? mkdtempSync(join(tmpdir(), "etcdlite-startup-"));

try {
  if (!existsSync(join(directory, "etcdlite.db"))) await fill();
  const times: number[] = [];
  for (let start = 0; start < Number(flags.starts); start++) {
    const startMs = performance.now();
    const opened = await open();
    times.push(performance.now() - startMs);
    if (opened.etcd.store.liveKeys !== keys) throw new Error(`${opened.etcd.store.liveKeys} keys in ${directory}`);
    await opened.close();
    console.log(`${keys} keys: ${times.at(-1)?.toFixed(0)} ms`);
  }
  times.sort((a, b) => a - b);
  console.log(`keys=${keys} median_ms=${times[times.length >> 1]?.toFixed(0)}`);
} finally {
  if (flags.dir === undefined) rmSync(directory, { recursive: true });
}

async function open(): Promise<OpenedEtcd> {
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
  return openEtcd({ options: { clock: realClock, quotaBackendBytes: -1 }, journal });
}

async function fill(): Promise<void> {
  const { etcd, durable, close } = await open();
  for (let at = 0; at < keys; at++) {
    const key = `/registry/pods/ns-${at % NAMESPACES}/pod-${at}`;
    etcd.put({ key, value: VALUE, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false });
    if (at % BATCH === BATCH - 1) await durable();
  }
  await close();
}
