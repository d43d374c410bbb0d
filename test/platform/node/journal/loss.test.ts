/** What a data dir says when a file of it is gone, cut short, or of another time. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { JournalError } from "../../../../src/journal/index.ts";
import { readMark } from "../../../../src/platform/node/journal/mark.ts";
import { SqliteJournal } from "../../../../src/platform/node/journal/sqlite.ts";

const FILES = ["etcdlite.log0", "etcdlite.log1", "etcdlite.db", "etcdlite.mark"] as const;
const LOG = "etcdlite.log0";
const PAGE_BYTES = 16 * 1024;
const MARK_AT = FILES.indexOf("etcdlite.mark");
/** Of a record in the log: see log-format.ts. */
const WRITE_BYTES = 24 + 9 + 1 + 3000;

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-loss-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function open(directory: string, unsafeNoFsync = false): Promise<SqliteJournal> {
  return SqliteJournal.open({ directory, unsafeNoFsync });
}

async function write(journal: SqliteJournal, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await journal.write([{ bucket: "key", key: Uint8Array.of(at), value: new Uint8Array(3000).fill(at) }]);
  }
}

/** What a process leaves that is killed after so many writes. */
async function crashed(writes: number, unsafeNoFsync = false): Promise<string> {
  const directory = newDirectory();
  const copy = newDirectory();
  const journal = await open(directory, unsafeNoFsync);
  await write(journal, writes);
  const isMarked = (): boolean => unsafeNoFsync || readMark(directory) === writes;
  while (!isMarked()) await new Promise((resolve) => setTimeout(resolve, 2));
  for (const file of FILES)
    if (existsSync(join(directory, file))) copyFileSync(join(directory, file), join(copy, file));
  await journal.close();
  return copy;
}

function contentOf(directory: string): Array<Buffer | undefined> {
  return FILES.map((file) => (existsSync(join(directory, file)) ? readFileSync(join(directory, file)) : undefined));
}

async function rowsOf(directory: string): Promise<number> {
  const journal = await open(directory);
  try {
    let count = 0;
    for await (const rows of journal.rows("key")) count += rows.length;
    return count;
  } finally {
    await journal.close();
  }
}

async function expectRefused(directory: string, message: string): Promise<void> {
  const before = contentOf(directory);
  for (let time = 0; time < 2; time++) {
    const error = await open(directory).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(JournalError);
    expect((error as JournalError).message).toContain(message);
  }
  expect(contentOf(directory).map((content, at) => content?.equals(before[at] ?? Buffer.alloc(0)))).toEqual(
    before.map((content) => (content === undefined ? undefined : true)),
  );
}

test("after a crash everything is there", async () => {
  expect(await rowsOf(await crashed(5))).toBe(5);
});

test("a log that is gone is noticed, though to SQLite it never was, and nothing is changed", async () => {
  const directory = await crashed(5);
  rmSync(join(directory, LOG));
  await expectRefused(directory, `of 5 writes it holds 0, as of its files ${join(directory, LOG)} and `);
});

test("so is one that is cut short, or in which a bit has changed", async () => {
  const directory = await crashed(5);
  const log = readFileSync(join(directory, LOG));
  truncateSync(join(directory, LOG), 5 * WRITE_BYTES - 1000);
  await expectRefused(directory, "of 5 writes it holds 4");
  log[5 * WRITE_BYTES - 1000] = (log[5 * WRITE_BYTES - 1000] ?? 0) ^ 1;
  writeFileSync(join(directory, LOG), log);
  await expectRefused(directory, "of 5 writes it holds 4");
});

test("bytes behind the last transaction are of one that was not acknowledged, and no damage", async () => {
  const directory = await crashed(5);
  const log = readFileSync(join(directory, LOG));
  log.copy(log, 5 * WRITE_BYTES, 0, 3000);
  writeFileSync(join(directory, LOG), log);
  expect(await rowsOf(directory)).toBe(5);
});

test("a database that is gone, or an older copy of it, is noticed; without the mark it is what there is", async () => {
  const older = await crashed(2);
  const directory = await crashed(5);
  rmSync(join(directory, LOG));
  rmSync(join(directory, "etcdlite.db"));
  await expectRefused(directory, "of 5 writes it holds 0");
  for (const file of [LOG, "etcdlite.db"]) copyFileSync(join(older, file), join(directory, file));
  await expectRefused(directory, `delete ${join(directory, "etcdlite.mark")}`);
  rmSync(join(directory, "etcdlite.mark"));
  expect(await rowsOf(directory)).toBe(2);
});

test("a mark that cannot be read, and one that is behind, hinder nobody", async () => {
  const directory = await crashed(5);
  writeFileSync(join(directory, "etcdlite.mark"), "0000000000000009 00000000\n");
  expect(await rowsOf(directory)).toBe(5);
  copyFileSync(join(await crashed(2), "etcdlite.mark"), join(directory, "etcdlite.mark"));
  expect(await rowsOf(directory)).toBe(5);
});

test("without fsync there is no mark, as the machine may lose anything then", async () => {
  expect(contentOf(await crashed(2, true))[MARK_AT]).toBeUndefined();
  const directory = await crashed(2);
  await (await open(directory, true)).close();
  expect(contentOf(directory)[MARK_AT]).toBeUndefined();
});

test("nothing is written once it turns out that rows are missing", async () => {
  const directory = newDirectory();
  const journal = await open(directory);
  // So long that the index of keys has several pages.
  const rows = Array.from({ length: 100 }, (_, at) => new Uint8Array(1000).fill(at));
  await journal.write(rows.map((key) => ({ bucket: "key", key, value: Uint8Array.of(1) })));
  await journal.close();
  const file = join(directory, "etcdlite.db");
  const bytes = readFileSync(file);
  // The number of cells in an inner page of the index: with one less a part of the tree cannot be reached.
  const inner = Array.from({ length: bytes.length / PAGE_BYTES }, (_, at) => at * PAGE_BYTES).find(
    (at) => bytes[at] === 2 && at > 0,
  );
  const at = (inner ?? expect.fail("no inner page")) + 3;
  bytes.writeUInt16BE(bytes.readUInt16BE(at) - 1, at);
  writeFileSync(file, bytes);
  expect(await rowsOf(directory)).toBeLessThan(100);
  const again = await open(directory);
  const buckets = ["meta", "key", "lease", "alarm", "auth", "authUsers", "authRoles"] as const;
  for (const bucket of [...buckets, "members", "members_removed", "cluster"] as const) {
    for await (const rows of again.rows(bucket)) expect(rows.length).toBeGreaterThan(0);
  }
  await expect(again.write([])).rejects.toThrow(`${file} is damaged`);
  await again.close();
});
