import { expect, test } from "vitest";
import { toDisplay, utf8 } from "../../../web/src/store/bytes.ts";
import { exportFileName } from "../../../web/src/transfer/names.ts";
import { detectFormat, type ReadItem, readRecords } from "../../../web/src/transfer/read.ts";
import { rekey } from "../../../web/src/transfer/rekey.ts";

async function read(text: string, format: "jsonl" | "json" | "script"): Promise<string[]> {
  const items: ReadItem[] = [];
  for await (const item of readRecords(new Blob([text]), format)) items.push(item);
  return items.map((item) =>
    "record" in item
      ? `${toDisplay(item.record.key)}=${toDisplay(item.record.value)}`
      : `${item.problem.at}: ${item.problem.message}`,
  );
}

test.for([
  ["keys.jsonl", '{"key":"L2E="}\n{"key":"L2I="}', "jsonl"],
  ["keys.txt", '{"key":"L2E=","value":"MQ=="}\n', "jsonl"],
  ["keys.json", '[{"key":"/a","value":"1"}]', "json"],
  ["keys.json", '{"/a":"1","/b":"2"}', "json"],
  ["etcdctl.json", '{"header":{"revision":3},"kvs":[]}', "json"],
  ["put.sh", "#!/usr/bin/env bash\netcdctl put a b", "script"],
  ["put.txt", "# comment\netcdctl put a b", "script"],
  ["keys.csv", "key,size_bytes", undefined],
  ["snapshot.db", "\u0000\u0001", undefined],
] as const)("%s that begins %j is %s", ([name, head, format]) => expect(detectFormat(name, head)).toBe(format));

test("a line of 1 MiB that is cut short is still told to be lines", () => {
  const head = `{"key":"L2E=","create_revision":1,"value":"${"A".repeat(60_000)}`;
  expect(detectFormat("keys", head)).toBe("jsonl");
});

test("what etcdctl get --write-out=json prints is read", async () => {
  const text =
    '{"header":{"revision":4},"kvs":[{"key":"L2E=","mod_revision":3,"value":"MQ=="},{"key":"L2I="}],"count":2}';
  expect(await read(text, "json")).toEqual(["/a=1", "/b="]);
});

test("a plain object of texts is read", async () => {
  expect(await read('{"/a":"1","/b":2}', "json")).toEqual(["/a=1", "key /b: the value is not a text"]);
});

test("each problem says where it is, and the rest is read", async () => {
  const text =
    '{"key":"L2E=","value":"MQ=="}\n\nnot json\n{"value":"MQ=="}\n{"key":"*","value":""}\n{"key":"","value":""}\n{"key":"L2I="}';
  const items = await read(text, "jsonl");
  expect(items[0]).toBe("/a=1");
  expect(items[1]).toMatch(/^line 3: /);
  expect(items.slice(2)).toEqual([
    "line 4: no key in base64",
    "line 5: not base64",
    "line 6: a key may not be empty",
    "/b=",
  ]);
});

test("scripts that people wrote are read", async () => {
  const script = `#!/bin/sh
set -eu
# etcdctl put commented out
etcdctl put /a 1
ETCDCTL_API=3 etcdctl --endpoints=http://x:2379 put "/b" "two words \\"q\\"" ; etcdctl put /c 'it'\\''s'
etcdctl \\
  put --ignore-lease /d d
printf 'x\\001' | etcdctl put /e
etcdctl get /a
`;
  expect(await read(script, "script")).toEqual(["/a=1", '/b=two words "q"', "/c=it's", "/d=d", "/e=x\\x01"]);
});

test("what a shell would have to run is refused with its line", async () => {
  expect(await read("etcdctl put /a 1\netcdctl put /b $(date)", "script")).toEqual([
    "/a=1",
    "the script: line 2: $ is more than this import reads",
  ]);
  expect(await read("cat file | etcdctl put /b", "script")).toEqual([
    "the script: line 1: only printf with plain text may stand before a pipe",
  ]);
});

test.for([
  ["/old/a", "/old/", "/new/", "/new/a"],
  ["/other", "/old/", "/new/", "/other"],
  ["/a", "", "/copy", "/copy/a"],
  ["/old/a", "/old/", "", "a"],
] as const)("%s with %j replaced by %j is %s", ([key, from, to, expected]) => {
  expect(toDisplay(rekey(utf8(key), { from: utf8(from), to: utf8(to) }))).toBe(expected);
});

test.for([
  ["", "jsonl", undefined, "etcd.jsonl"],
  ["/app/config/", "json", 12, "etcd-app-config-rev12.json"],
  ["\u0000", "csv", undefined, "etcd.csv"],
] as const)("the file of %j", ([prefix, format, revision, name]) => {
  expect(exportFileName(utf8(prefix), format, revision)).toBe(name);
});
