/** Log files that are put aside when they are full. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { type LogRotation, logRotation } from "../../../src/platform/node/cli/log-rotation.ts";
import { RotatingFile } from "../../../src/platform/node/cli/rotating-file.ts";

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = Date.UTC(2026, 0, 31, 10, 20, 30, 400);
const SMALL: LogRotation = {
  ...{ maxSizeBytes: 10, maxBackups: 0, maxAgeDays: 0 },
  ...{ isLocalTime: false, isCompressed: false },
};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-rotation-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A file whose clock goes on by a second with each line. */
function rotating(folder: string, rotation: Partial<LogRotation>, stepMs = 1000) {
  let nowMs = START_MS - stepMs;
  const file = new RotatingFile(join(folder, "etcd.log"), { ...SMALL, ...rotation }, () => nowMs);
  const write = (line: string): void => {
    nowMs += stepMs;
    file.write(line);
  };
  return { file, write };
}

test("a file that would become too large is put aside, named by the time", async () => {
  const folder = newFolder();
  const { write } = rotating(folder, {});
  for (const line of ["one\n", "two\n", "three\n", "a line that is too long by itself\n", "end\n"]) write(line);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(
    readdirSync(folder)
      .sort()
      .map((name) => [name, read(name)]),
  ).toEqual([
    ["etcd-2026-01-31T10-20-32.400.log", "one\ntwo\n"],
    ["etcd-2026-01-31T10-20-33.400.log", "three\n"],
    ["etcd-2026-01-31T10-20-34.400.log", "a line that is too long by itself\n"],
    ["etcd.log", "end\n"],
  ]);
  expect(statSync(join(folder, "etcd.log")).mode & 0o777).toBe(0o600);
});

test("what was in the file before counts", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "etcd.log"), "12345678\n");
  const { write } = rotating(folder, {});
  write("9\n");
  expect(readdirSync(folder)).toHaveLength(2);
});

test("so many are kept, and no other file is touched", async () => {
  const folder = newFolder();
  for (const name of ["etcd-notes.log", "other-2026-01-01T00-00-00.000.log"]) writeFileSync(join(folder, name), "");
  const { file, write } = rotating(folder, { maxBackups: 2 });
  for (let at = 0; at < 6; at++) write("123456789\n");
  await file.packed();
  expect(readdirSync(folder).sort()).toEqual([
    "etcd-2026-01-31T10-20-34.400.log",
    "etcd-2026-01-31T10-20-35.400.log",
    "etcd-notes.log",
    "etcd.log",
    "other-2026-01-01T00-00-00.000.log",
  ]);
});

test("those of so many days ago go", async () => {
  const folder = newFolder();
  const { file, write } = rotating(folder, { maxAgeDays: 2 }, DAY_MS);
  for (let at = 0; at < 6; at++) write("123456789\n");
  await file.packed();
  expect(readdirSync(folder).sort()).toEqual([
    "etcd-2026-02-03T10-20-30.400.log",
    "etcd-2026-02-04T10-20-30.400.log",
    "etcd-2026-02-05T10-20-30.400.log",
    "etcd.log",
  ]);
});

test("what is put aside is compressed", async () => {
  const folder = newFolder();
  const { file, write } = rotating(folder, { isCompressed: true, maxBackups: 2 });
  for (const line of ["first\n", "second\n", "third\n", "fourth\n"]) write(line);
  await file.packed();
  const names = readdirSync(folder).sort();
  expect(names).toEqual(["etcd-2026-01-31T10-20-32.400.log.gz", "etcd-2026-01-31T10-20-33.400.log.gz", "etcd.log"]);
  expect(gunzipSync(readFileSync(join(folder, names[1] ?? ""))).toString()).toBe("third\n");
});

test("CF1: the flag's JSON is read as etcd reads it", () => {
  const plain = { maxBackups: 0, maxAgeDays: 0, isLocalTime: false, isCompressed: false };
  expect(logRotation("{}")).toEqual({ ...plain, maxSizeBytes: 100 * MIB });
  expect(logRotation('{"maxsize": 0, "other": []}')).toEqual({ ...plain, maxSizeBytes: 100 * MIB });
  expect(logRotation('{"MaxSize":1,"maxage":2,"maxbackups":3,"localtime":true,"compress":true}')).toEqual({
    ...{ maxSizeBytes: MIB, maxAgeDays: 2, maxBackups: 3 },
    ...{ isLocalTime: true, isCompressed: true },
  });
  for (const text of ["", "[]", "1", '{"maxsize":"1"}', '{"maxage":1.5}', '{"compress":1}']) {
    expect(() => logRotation(text), text).toThrow("--log-rotation-config-json");
  }
});
