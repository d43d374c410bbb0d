/** IndexedDB as the journal uses it, and the bare appends and reads of an OPFS file, for comparison. */
import type { Change } from "../../../src/journal/index.ts";
import { IndexedDbJournal, openDatabase } from "../../../src/platform/browser/journal/indexeddb.ts";

const ROWS = 100_000;
const ROW_BYTES = 300;
const KEY_BYTES = 17;

/** A file handle that works at once; only workers have it, and their types are not a page's. */
interface SyncAccessHandle {
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

function rows(from: number, count: number): Change[] {
  return Array.from({ length: count }, (_, at) => {
    const key = new Uint8Array(KEY_BYTES);
    new DataView(key.buffer).setBigUint64(0, BigInt(from + at));
    return { bucket: "key", key, value: new Uint8Array(ROW_BYTES - KEY_BYTES) };
  });
}

async function time(times: number, run: (at: number) => void | Promise<void>): Promise<number> {
  const start = performance.now();
  for (let at = 0; at < times; at++) await run(at);
  return (performance.now() - start) / times;
}

async function indexedDb(): Promise<Record<string, number>> {
  const journal = new IndexedDbJournal(await openDatabase("bench-storage"));
  const figures: Record<string, number> = {};
  let next = 0;
  for (const count of [1, 10, 100, 1000]) {
    const ms = await time(count === 1000 ? 10 : 50, async () => {
      await journal.write(rows(next, count));
      next += count;
    });
    figures[`indexeddb_commit_${count}_rows_ms`] = ms;
  }
  for (; next < ROWS; next += 5000) await journal.write(rows(next, 5000));
  let read = 0;
  figures.indexeddb_load_ms = await time(1, async () => {
    for await (const batch of journal.rows("key")) read += batch.length;
  });
  figures.indexeddb_load_rows = read;
  await journal.close();
  indexedDB.deleteDatabase("etcdlite/bench-storage");
  return figures;
}

async function opfs(): Promise<Record<string, number>> {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle("bench-storage", { create: true });
  const handle = await (
    file as unknown as { createSyncAccessHandle(): Promise<SyncAccessHandle> }
  ).createSyncAccessHandle();
  const figures: Record<string, number> = {};
  let at = 0;
  for (const count of [1, 100]) {
    const bytes = new Uint8Array(count * ROW_BYTES);
    figures[`opfs_append_flush_${count}_rows_ms`] = await time(50, () => {
      at += handle.write(bytes, { at });
      handle.flush();
    });
  }
  const all = new Uint8Array(ROWS * ROW_BYTES);
  handle.write(all, { at: 0 });
  handle.flush();
  figures.opfs_read_ms = await time(1, () => {
    handle.read(all, { at: 0 });
  });
  handle.close();
  await root.removeEntry("bench-storage");
  return figures;
}

addEventListener("message", async () => {
  postMessage({ ...(await indexedDb()), ...(await opfs()) });
});
