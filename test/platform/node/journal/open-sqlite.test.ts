/** SQLite as the runtime has it. This file runs in Node, and in Deno and Bun as well. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { explained } from "../../../../src/platform/node/journal/errors.ts";
import { openSqlite } from "../../../../src/platform/node/journal/open-sqlite.ts";

const NAME = "bun" in process.versions ? "bun:sqlite" : "node:sqlite";

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-sqlite-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "db");
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("there was no error");
}

test(`it is ${NAME} here`, () => {
  const builtin = vi.spyOn(process, "getBuiltinModule");
  onTestFinished(() => builtin.mockRestore());
  openSqlite(":memory:").close();
  expect(builtin.mock.calls).toEqual([[NAME]]);
});

test("rows are objects or arrays, bytes are bytes, and none is undefined", () => {
  const db = openSqlite(":memory:");
  onTestFinished(() => db.close());
  db.exec("CREATE TABLE t (key BLOB PRIMARY KEY, n INTEGER) STRICT");
  const put = db.prepare("INSERT INTO t VALUES (?, ?)");
  put.run(Uint8Array.of(0, 255), 2 ** 40);
  put.run(new Uint8Array(), 1);
  const query = db.prepare("SELECT key, n FROM t ORDER BY n");
  expect(query.get()).toEqual({ key: new Uint8Array(), n: 1 });
  expect(query.all()).toHaveLength(2);
  query.setReturnArrays(true);
  expect(query.all()).toEqual([
    [new Uint8Array(), 1],
    [Uint8Array.of(0, 255), 2 ** 40],
  ]);
  expect(db.prepare("SELECT n FROM t WHERE n = ?").get(7)).toBeUndefined();
});

test("it says whether a transaction is open", () => {
  const db = openSqlite(":memory:");
  onTestFinished(() => db.close());
  db.exec("BEGIN");
  expect(db.isTransaction).toBe(true);
  db.exec("ROLLBACK");
  expect(db.isTransaction).toBe(false);
});

test("what is closed has let its lock go, and who finds one is told so", () => {
  const file = newFile();
  const [first, second] = [openSqlite(file), openSqlite(file)];
  onTestFinished(() => second.close());
  first.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (n INTEGER); COMMIT");
  first.prepare("SELECT n FROM t").all();
  const error = errorOf(() => second.exec("BEGIN EXCLUSIVE"));
  expect(String(explained(error, "DIR"))).toContain("DIR is in use by another etcdlite");
  first.close();
  second.exec("BEGIN EXCLUSIVE; COMMIT");
});

test("a URL is only read, whatever else it says", () => {
  const file = newFile();
  const own = openSqlite(file);
  own.exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)");
  own.close();
  const url = pathToFileURL(file);
  url.search = "?immutable=1";
  const db = openSqlite(url);
  onTestFinished(() => db.close());
  expect(db.prepare("SELECT n FROM t").get()).toEqual({ n: 7 });
  expect(String(errorOf(() => db.exec("DELETE FROM t")))).toMatch(/readonly/);
});
