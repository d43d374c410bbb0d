/** A data dir of layout 1, which an etcdlite up to 0.1 began, and one whose move to layout 2 was cut. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { BUCKETS, CREATE_STATE_SQL, createBucketSql } from "../../../../src/journal/index.ts";
import { bringUpToDate } from "../../../../src/platform/node/journal/layout.ts";
import { readMark } from "../../../../src/platform/node/journal/mark.ts";
import { SqliteJournal } from "../../../../src/platform/node/journal/sqlite.ts";
import { checksum } from "../../../../src/platform/node/journal/tables.ts";

const FILE = "etcdlite.db";
const ROWS = 200;
const COMMITS = 7;

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-older-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function copyOf(directory: string): string {
  const copy = newDirectory();
  for (const name of [FILE, `${FILE}-wal`, `${FILE}-journal`, "etcdlite.log0", "etcdlite.log1", "etcdlite.mark"]) {
    if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

/** As a process leaves it that was killed: the rows are in SQLite's own log, and the mark knows of it. */
function olderDirectory(): string {
  const directory = newDirectory();
  const db = new DatabaseSync(join(directory, FILE));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF");
  db.exec(`BEGIN; ${BUCKETS.map((bucket) => createBucketSql(bucket, true)).join(";")}; ${CREATE_STATE_SQL}; COMMIT`);
  db.exec("PRAGMA application_id = 0x6574636c; PRAGMA user_version = 1");
  const put = db.prepare('INSERT INTO "key" VALUES (?, ?, ?)');
  db.exec("BEGIN");
  for (let at = 0; at < ROWS; at++) {
    const [key, value] = [Buffer.from(`row ${String(at).padStart(4, "0")}`), Buffer.alloc(at * 20, at)];
    put.run(key, value, checksum(key, value));
  }
  db.exec(`INSERT INTO state VALUES ('commits', ${COMMITS}); COMMIT`);
  const digits = String(COMMITS).padStart(16, "0");
  writeFileSync(join(directory, "etcdlite.mark"), `${digits} ${crc32(digits).toString(16).padStart(8, "0")}\n`);
  const copy = copyOf(directory);
  db.close();
  return copy;
}

async function rowsOf(directory: string): Promise<string[]> {
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
  const found: string[] = [];
  for await (const rows of journal.rows("key")) {
    for (const { key, value } of rows) found.push(`${Buffer.from(key)} ${value.length}`);
  }
  await journal.close();
  return found;
}

const EXPECTED = Array.from({ length: ROWS }, (_, at) => `row ${String(at).padStart(4, "0")} ${at * 20}`);

async function write(directory: string): Promise<string> {
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
  await journal.write([{ bucket: "key", key: Uint8Array.from(Buffer.from("row 9999")), value: new Uint8Array(9) }]);
  await journal.write([{ bucket: "lease", key: Uint8Array.of(1), value: new Uint8Array(1) }]);
  const killed = copyOf(directory);
  await journal.close();
  return killed;
}

test("all of it is there, is there again, and takes what is written", async () => {
  const directory = olderDirectory();
  expect(await rowsOf(directory)).toEqual(EXPECTED);
  expect(existsSync(join(directory, `${FILE}-wal`))).toBe(false);
  const killed = await write(directory);
  for (const one of [directory, killed]) {
    expect(await rowsOf(one)).toEqual([...EXPECTED, "row 9999 9"]);
    expect(readMark(one)).toBe(COMMITS + 2);
  }
});

test("what it has lost is noticed, before anything is changed", async () => {
  const directory = olderDirectory();
  rmSync(join(directory, `${FILE}-wal`));
  const before = readFileSync(join(directory, FILE));
  await expect(rowsOf(directory)).rejects.toThrow(`of ${COMMITS} writes it holds 0`);
  expect(readFileSync(join(directory, FILE)).equals(before)).toBe(true);
});

test("a move that was killed before its transaction ended, or in it, begins again", async () => {
  const directory = olderDirectory();
  const db = new DatabaseSync(join(directory, FILE));
  db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 1");
  const before = copyOf(directory);
  expect(existsSync(join(before, `${FILE}-wal`))).toBe(false);
  db.exec("BEGIN IMMEDIATE; UPDATE key SET crc = crc + 1; DROP TABLE lease; PRAGMA user_version = 2");
  const amid = copyOf(directory);
  // It has written to the file: without its journal that would make no sense.
  expect(statSync(join(amid, `${FILE}-journal`)).size).toBeGreaterThan(0);
  expect(readFileSync(join(amid, FILE)).equals(readFileSync(join(before, FILE)))).toBe(false);
  db.exec("ROLLBACK");
  db.close();
  for (const one of [before, amid]) expect(await rowsOf(one)).toEqual(EXPECTED);
});

test("tables without a row are made anew, the others stay", async () => {
  const directory = olderDirectory();
  await rowsOf(directory);
  const db = new DatabaseSync(join(directory, FILE));
  onTestFinished(() => db.close());
  const kinds = db.prepare("SELECT name, sql LIKE '%WITHOUT ROWID' AS old FROM sqlite_schema WHERE type = 'table'");
  const old = kinds.all().filter((table) => table.old === 1);
  expect(old.map(({ name }) => name).toSorted()).toEqual(["key", "state"]);
});

test("an etcdlite of its time says that it is of a later one, and speaks of no loss", async () => {
  const directory = olderDirectory();
  await write(directory);
  const content = readFileSync(join(directory, "etcdlite.mark"), "latin1");
  const digits = content.slice(0, 16);
  expect(content).not.toBe(`${digits} ${crc32(digits).toString(16).padStart(8, "0")}\n`);
  const db = new DatabaseSync(join(directory, FILE));
  onTestFinished(() => db.close());
  expect(() => bringUpToDate(db, "DIR", [() => {}])).toThrow("written by a later etcdlite, in layout 2");
});
