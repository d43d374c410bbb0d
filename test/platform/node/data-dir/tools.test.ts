/** `etcdlite check` and `etcdlite export`, on data dirs that are whole, damaged in any place, or in use. */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Change, JournalError } from "../../../../src/journal/index.ts";
import { checkDataDir, exportDataDir } from "../../../../src/platform/node/data-dir/index.ts";
import { createServer, type EtcdliteServer } from "../../../../src/platform/node/index.ts";
import { readLog } from "../../../../src/platform/node/journal/log-format.ts";
import { fc } from "../../../support/property.ts";

const DB = "etcdlite.db";
const PAGE_BYTES = 16 * 1024;
const KEYS = 600;
const made: string[] = [];
/** Of a server that was stopped, and of one that was killed. */
let stopped = "";
let killed = "";

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-tools-"));
  made.push(directory);
  return directory;
}

function copyOf(directory: string): string {
  const copy = newDirectory();
  for (const file of readdirSync(directory)) copyFileSync(join(directory, file), join(copy, file));
  return copy;
}

beforeAll(async () => {
  stopped = newDirectory();
  const server = await createServer({ dataDir: stopped });
  const { etcd } = server;
  etcd.leaseGrant(7n, 100);
  for (let at = 0; at < KEYS; at++) {
    const value = new TextEncoder().encode(`value ${at} `.repeat(20));
    etcd.put({
      key: `key/${at}`,
      value,
      lease: at === 0 ? 7n : 0n,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    });
  }
  etcd.deleteRange({ key: "key/1", rangeEnd: "", prevKv: false });
  etcd.compact(20);
  const loggedBytes = (): number => readLog(stopped).reduce((sum, { changes }) => sum + changes.length, 0);
  while (loggedBytes() < KEYS * 200) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 50));
  killed = copyOf(stopped);
  await server.close();
});

afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** Everything in a data dir, to see that nobody has touched it. */
function contentOf(directory: string): Record<string, string> {
  const files = readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), "latin1")]);
  return Object.fromEntries(files);
}

async function serverOn(fromSnapshot: string): Promise<EtcdliteServer> {
  const server = await createServer({ fromSnapshot });
  onTestFinished(() => server.close());
  return server;
}

/** Changes rows as a disk would that does not keep what it was given. */
function damaged(sql: string, from = stopped): string {
  const directory = copyOf(from);
  const db = new DatabaseSync(join(directory, DB));
  db.exec(sql);
  db.close();
  return directory;
}

test.each(["stopped", "killed"])("a data dir of a server that was %s is whole, and is not touched", async (name) => {
  const directory = name === "stopped" ? stopped : killed;
  const before = contentOf(directory);
  const { isWhole, text } = await checkDataDir(directory);
  expect(text).toContain(`${directory} is whole\n`);
  expect(text).toContain(
    `revision: ${KEYS + 2}, compacted to 20\nkeys: ${KEYS - 1}; 1 leases, 0 users, 0 roles, 0 alarms`,
  );
  expect(isWhole).toBe(true);
  const file = join(newDirectory(), "snapshot.db");
  expect(await exportDataDir(directory, file)).toContain(`saved ${directory} as ${file}`);
  expect(contentOf(directory)).toEqual(before);
  const { etcd } = await serverOn(file);
  expect([etcd.store.revision, etcd.store.compactRevision, etcd.store.liveKeys]).toEqual([KEYS + 2, 20, KEYS - 1]);
  expect(etcd.leaseTimeToLive(7n)?.keys).toEqual(["key/0"]);
});

test("each damaged row is told of, and left out of what is saved", async () => {
  const directory = damaged(`
    UPDATE key SET value = zeroblob(9) WHERE key IN (SELECT key FROM key ORDER BY key LIMIT 3 OFFSET 100);
    UPDATE lease SET crc = crc + 1;
    INSERT INTO authUsers (key, value, crc) VALUES (CAST('ann' AS BLOB), CAST('' AS BLOB), 0);
  `);
  const { isWhole, text } = await checkDataDir(directory);
  expect(isWhole).toBe(false);
  const lines = text.split("\n");
  expect(lines[0]).toBe(`${directory} is damaged:`);
  expect(
    lines.filter((line) => /^ {2}the row 00\w{32} of the bucket key: its checksum is not right$/.test(line)),
  ).toHaveLength(3);
  expect(text).toContain("  the row 0000000000000007 of the bucket lease: its checksum is not right\n");
  expect(text).toContain("the row 616e6e of the bucket authUsers: its checksum is not right\n");
  expect(text).toContain(`\`etcdlite export ${directory} FILE\` saves what is whole`);
  const file = join(newDirectory(), "snapshot.db");
  expect(await exportDataDir(directory, file)).toMatch(/\d+ whole, 5 damaged(.|\n)*not everything was whole/);
  const { etcd } = await serverOn(file);
  expect([etcd.store.liveKeys, etcd.leases()]).toEqual([KEYS - 1 - 3, []]);
});

test("rows that are whole and make no sense are damaged too", async () => {
  const directory = copyOf(stopped);
  const { Database } = await import("../../../../src/platform/node/journal/database.ts");
  const database = Database.open({ directory, unsafeNoFsync: false });
  const nonsense = { key: new Uint8Array(3), value: new Uint8Array(3) };
  const changes: Change[] = [
    { bucket: "key", ...nonsense },
    { bucket: "members", ...nonsense },
    { bucket: "auth", key: new TextEncoder().encode("authEnabled"), value: new Uint8Array(7) },
    { bucket: "meta", key: new TextEncoder().encode("etcdlite.ids"), value: new Uint8Array(7) },
  ];
  database.apply(changes, database.commits + 1);
  database.merge();
  database.close();
  const { text, isWhole } = await checkDataDir(directory);
  expect(isWhole).toBe(false);
  expect(text).toContain("the row 000000 of the bucket key: the row 000000 is no version of a key");
  expect(text).toContain("the row 000000 of the bucket members: ");
  expect(text).toContain("of the bucket meta: a row of numbers has 7 bytes");
  const file = join(newDirectory(), "snapshot.db");
  await exportDataDir(directory, file);
  expect((await serverOn(file)).etcd.store.liveKeys).toBe(KEYS - 1);
});

test("a page that is damaged costs the rows that are on it, and no others", async () => {
  const directory = copyOf(stopped);
  const file = join(directory, DB);
  const bytes = readFileSync(file);
  const page = Math.floor(bytes.indexOf("value 300 value 300") / PAGE_BYTES);
  bytes.fill(0xff, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  writeFileSync(file, bytes);
  const { isWhole, text } = await checkDataDir(directory);
  expect(isWhole).toBe(false);
  expect(text).toMatch(/the bucket key cannot be read between the rows \w+ and \w+\n/);
  const saved = join(newDirectory(), "snapshot.db");
  await exportDataDir(directory, saved);
  const { etcd } = await serverOn(saved);
  expect(etcd.store.get("key/300")).toBeUndefined();
  expect(etcd.store.liveKeys).toBeGreaterThan(KEYS - 80);
  expect(etcd.store.get("key/599")).toBeDefined();
  await expect(createServer({ dataDir: directory })).rejects.toThrow(`\`etcdlite check ${directory}\``);
});

test("a page of an index that is damaged costs no row", async () => {
  const directory = copyOf(stopped);
  const file = join(directory, DB);
  const bytes = readFileSync(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const found = db.prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'key' AND type = 'index'").get();
  db.close();
  const at = (Number(found?.rootpage) - 1) * PAGE_BYTES;
  bytes.fill(0xff, at, at + PAGE_BYTES);
  writeFileSync(file, bytes);
  const { isWhole, text } = await checkDataDir(directory);
  expect(isWhole).toBe(false);
  expect(text).not.toContain("cannot be read");
  const saved = join(newDirectory(), "snapshot.db");
  await exportDataDir(directory, saved);
  expect((await serverOn(saved)).etcd.store.liveKeys).toBe(KEYS - 1);
});

test("whatever is changed in a file, both commands say something that is true, or save nothing", async () => {
  const original = readFileSync(join(stopped, DB));
  const change = fc.record({
    at: fc.nat(original.length - 1),
    length: fc.integer({ min: 1, max: 5000 }),
    fill: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const directory = copyOf(stopped);
      const bytes = Buffer.from(original);
      for (const { at, length, fill } of changes) bytes.subarray(at, at + length).fill(fill);
      writeFileSync(join(directory, DB), bytes);
      const saved = join(directory, "saved");
      const checked = await checkDataDir(directory).catch((error: unknown) => error);
      const exported = await exportDataDir(directory, saved).catch((error: unknown) => error);
      for (const outcome of [checked, exported])
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(JournalError);
      if (!(checked instanceof Error))
        expect(typeof exported === "string" || exported instanceof JournalError).toBe(true);
      expect(existsSync(saved)).toBe(typeof exported === "string");
    }),
    { numRuns: 15 },
  );
});

test("a mark that knows of more is told of; what is there can be saved", async () => {
  const directory = copyOf(killed);
  rmSync(join(directory, "etcdlite.log0"));
  copyFileSync(join(stopped, DB), join(directory, DB));
  const db = new DatabaseSync(join(directory, DB));
  db.exec("UPDATE state SET number = 1");
  db.close();
  const { isWhole, text } = await checkDataDir(directory);
  expect(isWhole).toBe(false);
  expect(text).toContain("writes it holds 1");
  await exportDataDir(directory, join(newDirectory(), "snapshot.db"));
});

test("a data dir in use is refused, and so are none, one of a later version, and a file that is there", async () => {
  const directory = copyOf(stopped);
  const server = await createServer({ dataDir: directory });
  for (const run of [checkDataDir, (one: string) => exportDataDir(one, join(newDirectory(), "file"))]) {
    await expect(run(directory)).rejects.toThrow(new JournalError(`${directory} is in use by another etcdlite`));
    const none = newDirectory();
    await expect(run(none)).rejects.toThrow(`${none} holds no data of an etcdlite`);
    expect(readdirSync(none)).toEqual([]);
    await expect(run(damaged("PRAGMA user_version = 3"))).rejects.toThrow("by a later etcdlite, in layout 3");
  }
  await server.close();
  await expect(exportDataDir(directory, join(directory, DB))).rejects.toThrow("is there already");
});
