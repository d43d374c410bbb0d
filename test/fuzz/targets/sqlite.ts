/** The file of a data dir, and the mark beside it, with bytes changed: what opens, reads and checks it refuses clearly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUCKETS, JournalError } from "../../../src/journal/index.ts";
import { Database } from "../../../src/platform/node/journal/database.ts";
import { databaseFile } from "../../../src/platform/node/journal/files.ts";
import { storeSomething } from "../rows.ts";
import { refusing, type Target } from "../target.ts";

const PAGE_ROWS = 7;

export async function open(): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-fuzz-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const options = { directory, unsafeNoFsync: true };
  const database = Database.open(options);
  database.apply((await storeSomething()).rows, 1);
  database.merge();
  database.close();
  const seed = new Uint8Array(readFileSync(databaseFile(directory)));
  return {
    seeds: [seed],
    dictionary: ["SQLite format 3\0", "CREATE TABLE ", "etcl", Uint8Array.of(0xff, 0xff, 0xff, 0xff), "WITHOUT ROWID"],
    maxBytes: seed.length + 4096,
    run: (input) => {
      rmSync(directory, { recursive: true, force: true });
      const opened = refusing([JournalError], () => Database.open(options));
      opened?.close();
      for (const ending of ["-journal", "-wal", "-shm"]) rmSync(databaseFile(directory) + ending, { force: true });
      writeFileSync(databaseFile(directory), input);
      refusing([JournalError], () => readAll(Database.open(options)));
    },
  };
}

function readAll(database: Database): void {
  try {
    for (const bucket of BUCKETS) {
      let rows = database.rows(bucket, undefined, PAGE_ROWS);
      while (rows.length > 0) rows = database.rows(bucket, rows.at(-1)?.key, PAGE_ROWS);
    }
    database.verify();
    database.apply([{ bucket: "key", key: Uint8Array.of(1), value: Uint8Array.of(2) }], 2);
    database.merge();
  } finally {
    database.close();
  }
}
