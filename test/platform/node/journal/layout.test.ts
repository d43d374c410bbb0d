/** How the tables of a data dir come to be, and become those of a later version. */
import { expect, onTestFinished, test } from "vitest";
import { BUCKETS } from "../../../../src/journal/index.ts";
import { bringUpToDate } from "../../../../src/platform/node/journal/layout.ts";
import { openSqlite, type Sqlite } from "../../../../src/platform/node/journal/open-sqlite.ts";

function newDatabase(): Sqlite {
  const db = openSqlite(":memory:");
  onTestFinished(() => db.close());
  return db;
}

function tablesOf(db: Sqlite): string[] {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
}

function layoutOf(db: Sqlite): unknown {
  return db.prepare("PRAGMA user_version").get()?.user_version;
}

const first = (db: Sqlite): void => db.exec("CREATE TABLE rows (key TEXT); INSERT INTO rows VALUES ('a')");
const second = (db: Sqlite): void => db.exec("ALTER TABLE rows ADD COLUMN crc INTEGER NOT NULL DEFAULT 7");
const third = (db: Sqlite): void => db.exec("ALTER TABLE rows RENAME TO entries");

test("there is a table for every bucket, whatever step brought it", () => {
  const db = newDatabase();
  bringUpToDate(db, "DIR");
  expect(tablesOf(db)).toEqual([...BUCKETS, "state"].sort());
});

test("an older layout becomes the one of today by the steps that it has not seen, and loses nothing", () => {
  const db = newDatabase();
  bringUpToDate(db, "DIR", [first]);
  expect(layoutOf(db)).toBe(1);
  bringUpToDate(db, "DIR", [first, second, third]);
  expect(layoutOf(db)).toBe(3);
  expect(db.prepare("SELECT key, crc FROM entries").get()).toEqual({ key: "a", crc: 7 });
  bringUpToDate(db, "DIR", [first, second, third]);
  expect(layoutOf(db)).toBe(3);
});

test("where a step fails, nothing has changed", () => {
  const db = newDatabase();
  bringUpToDate(db, "DIR", [first]);
  const fails = (): void => {
    throw new Error("no room");
  };
  expect(() => bringUpToDate(db, "DIR", [first, second, third, fails])).toThrow("no room");
  expect([layoutOf(db), tablesOf(db)]).toEqual([1, ["rows"]]);
  expect(db.prepare("SELECT * FROM rows").get()).toEqual({ key: "a" });
});

test("a later layout is refused, and so is a database that is somebody else's", () => {
  const db = newDatabase();
  bringUpToDate(db, "DIR", [first, second]);
  expect(() => bringUpToDate(db, "DIR", [first])).toThrow(
    "DIR was written by a later etcdlite, in layout 2; this one knows layout 1",
  );
  const other = newDatabase();
  other.exec("CREATE TABLE other (a)");
  expect(() => bringUpToDate(other, "DIR")).toThrow("is no database of etcdlite");
  expect(tablesOf(other)).toEqual(["other"]);
});
