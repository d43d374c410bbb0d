/** The journal in a data dir: the contract of every journal, and what it refuses to open. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Bucket, type Change, type Journal, JournalError, type Row } from "../../../../src/journal/index.ts";
import { packRows, unpackRows } from "../../../../src/platform/node/journal/packing.ts";
import { SqliteJournal } from "../../../../src/platform/node/journal/sqlite.ts";
import { journalContract } from "../../../journal/contract.ts";
import { fc } from "../../../support/property.ts";

const FILE = "etcdlite.db";

function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), "etcdlite-journal-"));
}

function open(directory: string, unsafeNoFsync = false): Promise<SqliteJournal> {
  return SqliteJournal.open({ directory, unsafeNoFsync });
}

/** What is on disk at this moment, as a process that is killed would leave it. */
function copyOf(directory: string): string {
  const copy = newDirectory();
  for (const name of ["etcdlite.log0", "etcdlite.log1", FILE]) {
    if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}

/** A process that is killed is told nothing more: what settles after that, nobody hears of. */
class Killable implements Journal {
  readonly kind = "sqlite";
  readonly #journal: SqliteJournal;
  #isDead = false;

  constructor(journal: SqliteJournal) {
    this.#journal = journal;
  }

  rows(bucket: Bucket): AsyncIterable<readonly Row[]> {
    return this.#journal.rows(bucket);
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#journal.write(changes);
    if (this.#isDead) await new Promise(() => {});
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  kill(): void {
    this.#isDead = true;
  }
}

journalContract("sqlite", async () => {
  let directory = newDirectory();
  let journal: Killable | undefined;
  const removeAll = async (): Promise<void> => {
    await journal?.close();
    rmSync(directory, { recursive: true });
  };
  return {
    open: async () => {
      journal = new Killable(await open(directory));
      return journal;
    },
    crash: async () => {
      const copy = copyOf(directory);
      journal?.kill();
      await removeAll();
      directory = copy;
    },
    dispose: removeAll,
  };
});

function directoryForTest(): string {
  const directory = newDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function withRows(directory: string, count = 100): Promise<void> {
  const journal = await open(directory);
  const changes = Array.from({ length: count }, (_, at): Change => {
    const key = Buffer.from(`row ${String(at).padStart(6, "0")}`);
    return { bucket: "key", key: Uint8Array.from(key), value: Uint8Array.from(Buffer.alloc(100, at)) };
  });
  await journal.write(changes);
  await journal.close();
}

async function readAll(directory: string): Promise<number> {
  const journal = await open(directory);
  try {
    let count = 0;
    for await (const rows of journal.rows("key")) count += rows.length;
    return count;
  } finally {
    await journal.close();
  }
}

describe("a data dir", () => {
  test("is made where there is none, and only its owner may read it", async () => {
    const directory = join(directoryForTest(), "a", "b");
    await withRows(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(directory)) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    expect(await readAll(directory)).toBe(100);
  });

  test("is refused while another has it, and free when that one is closed", async () => {
    const directory = directoryForTest();
    const first = await open(directory);
    await expect(open(directory)).rejects.toThrow(new JournalError(`${directory} is in use by another etcdlite`));
    await first.close();
    await (await open(directory)).close();
  });

  test("of an etcd is not touched", async () => {
    const directory = directoryForTest();
    mkdirSync(join(directory, "member", "snap"), { recursive: true });
    await expect(open(directory)).rejects.toThrow("--from-snapshot");
    expect(existsSync(join(directory, FILE))).toBe(false);
  });

  test("of a later etcdlite is refused", async () => {
    const directory = directoryForTest();
    await withRows(directory);
    const db = new DatabaseSync(join(directory, FILE));
    db.exec("PRAGMA user_version = 3");
    db.close();
    await expect(open(directory)).rejects.toThrow("written by a later etcdlite, in layout 3; this one knows layout 2");
  });

  test("with somebody else's database in it is refused", async () => {
    const directory = directoryForTest();
    const db = new DatabaseSync(join(directory, FILE));
    db.exec("CREATE TABLE other (a)");
    db.close();
    await expect(open(directory)).rejects.toThrow("is no database of etcdlite");
  });

  test("with a file that is no database is refused and left as it is", async () => {
    const directory = directoryForTest();
    const file = join(directory, FILE);
    writeFileSync(file, "not a database, and longer than the head of one would be. ".repeat(40));
    const before = readFileSync(file);
    await expect(open(directory)).rejects.toThrow(`${file} is damaged`);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("with one changed bit in a value is refused when the row is read, and says which row it is", async () => {
    const directory = directoryForTest();
    await withRows(directory);
    const file = join(directory, FILE);
    const bytes = readFileSync(file);
    const at = bytes.indexOf(Buffer.alloc(50, 77));
    expect(at).toBeGreaterThan(0);
    bytes[at] = (bytes[at] as number) ^ 4;
    writeFileSync(file, bytes);
    const row = Buffer.from("row 000077").toString("hex");
    await expect(readAll(directory)).rejects.toThrow(`the row ${row} of the bucket key in ${directory} is damaged`);
  });

  test.each([
    ["value", [0x20, 0x00, 0x54]],
    ["key", [0x00, 0x54, 0x00]],
  ])("with a row whose %s is none any more is refused", async (_, types) => {
    const directory = directoryForTest();
    await withRows(directory);
    const file = join(directory, FILE);
    const bytes = readFileSync(file);
    // Before the columns of a record are their types, 0 for NULL.
    bytes.set(types, bytes.indexOf("row 000077") - types.length - 1);
    writeFileSync(file, bytes);
    await expect(readAll(directory)).rejects.toThrow(/row .*of the bucket key in .* is damaged/);
  });

  test("that is cut short is refused", async () => {
    const directory = directoryForTest();
    await withRows(directory, 5000);
    const file = join(directory, FILE);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
    await expect(readAll(directory)).rejects.toThrow(JournalError);
  });

  test("keeps without fsync what it keeps with it, as long as the machine goes on", async () => {
    const directory = directoryForTest();
    const journal = await open(directory, true);
    await journal.write([{ bucket: "key", key: Uint8Array.of(1), value: Uint8Array.of(2) }]);
    await journal.close();
    expect(await readAll(directory)).toBe(1);
  });

  test("that cannot be made says why", async () => {
    const directory = directoryForTest();
    writeFileSync(join(directory, "file"), "");
    await expect(open(join(directory, "file", "below"))).rejects.toThrow("EEXIST");
  });
});

test("rows come out of their packing as they went in", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.record({ key: bytes, value: bytes })), (rows) => {
      expect(unpackRows(packRows(rows))).toEqual(rows);
    }),
  );
});
