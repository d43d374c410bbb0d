import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Event_EventType, EventSchema } from "../../../src/gen/mvccpb/kv_pb.ts";
import { prefixRange, utf8 } from "../../../web/src/store/bytes.ts";
import { jsonLines } from "../../../web/src/watch/exports.ts";
import { isFiltering, matcherOf, NO_FILTER } from "../../../web/src/watch/filter.ts";
import { RateMeter, rateText } from "../../../web/src/watch/rate.ts";
import { previewOf, type Row, rowOf } from "../../../web/src/watch/row.ts";
import { RowQueue } from "../../../web/src/watch/rowqueue.ts";
import { isSameSpec, rangeText } from "../../../web/src/watch/spec.ts";
import { agoText } from "../../../web/src/watch/words.ts";

interface Fields {
  readonly sequence?: number;
  readonly key?: string | Uint8Array;
  readonly value?: string | Uint8Array;
  readonly previous?: string;
  readonly version?: bigint;
  readonly isDelete?: boolean;
}

function row({ sequence = 0, key = "/a", value = "", previous, version = 1n, isDelete = false }: Fields): Row {
  const bytes = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? utf8(text) : text);
  const made = rowOf(
    create(EventSchema, {
      type: isDelete ? Event_EventType.DELETE : Event_EventType.PUT,
      kv: {
        key: bytes(key),
        value: bytes(value),
        version: isDelete ? 0n : version,
        modRevision: 7n,
        createRevision: 3n,
      },
      prevKv: previous === undefined ? undefined : { key: bytes(key), value: bytes(previous) },
    }),
    sequence,
    0,
  );
  if (made === undefined) throw new Error("no row");
  return made;
}

test("an event is a creation, an update or a deletion", () => {
  expect(row({ version: 1n }).kind).toBe("created");
  expect(row({ version: 2n }).kind).toBe("updated");
  expect(row({ isDelete: true }).kind).toBe("deleted");
});

test("filters are by prefix, kind, and text in key, value or previous value", () => {
  const pass = (filter: Partial<typeof NO_FILTER>, one: Row): boolean => matcherOf({ ...NO_FILTER, ...filter })(one);
  expect(pass({ prefix: "/a" }, row({ key: "/a/b" }))).toBe(true);
  expect(pass({ prefix: "/b" }, row({ key: "/a/b" }))).toBe(false);
  expect(pass({ prefix: "\\xff" }, row({ key: Uint8Array.of(0xff, 1) }))).toBe(true);
  expect(pass({ kinds: new Set(["deleted"]) }, row({ isDelete: true }))).toBe(true);
  expect(pass({ kinds: new Set(["deleted"]) }, row({}))).toBe(false);
  expect(pass({ text: "NGINX" }, row({ value: "image: nginx" }))).toBe(true);
  expect(pass({ text: "nginx" }, row({ key: "/NGINX" }))).toBe(true);
  expect(pass({ text: "old" }, row({ value: "new", previous: "old" }))).toBe(true);
  expect(pass({ text: "ü" }, row({ value: "für" }))).toBe(true);
  expect(pass({ text: "none" }, row({ value: "non" }))).toBe(false);
  expect(isFiltering(NO_FILTER)).toBe(false);
});

test("a value is shown on one line, or as hex", () => {
  expect(previewOf(utf8('{\n  "a": 1\n}'))).toBe('{ "a": 1 }');
  expect(previewOf(Uint8Array.of(0, 255, 16))).toBe("0x 00 ff 10");
  expect(previewOf(utf8(`${"x".repeat(159)}é and more`))).toBe(`${"x".repeat(159)}…`);
  expect(previewOf(utf8("after a cut character"))).toBe("after a cut character");
});

test("a queue keeps its order while its head goes", () => {
  const queue = new RowQueue();
  for (let sequence = 0; sequence < 30_000; sequence++) {
    queue.push(row({ sequence }));
    queue.trim(100, Number.POSITIVE_INFINITY);
  }
  expect(queue.length).toBe(100);
  expect(queue.at(0)?.sequence).toBe(29_900);
  expect(queue.at(-1)).toBeUndefined();
  expect(queue.indexOf(29_950)).toBe(50);
  expect(queue.indexOf(5)).toBe(0);
  expect(queue.indexOf(99_999)).toBe(100);
  expect([...queue].map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, at) => 29_900 + at));
});

test("a rate is that of the last whole seconds", () => {
  const rate = new RateMeter();
  expect(rate.perSecond(0)).toBe(0);
  rate.add(100, 10_500);
  expect(rateText(rate.perSecond(9_900))).toBe("0/s");
  expect(rate.perSecond(11_200)).toBe(100);
  rate.add(300, 11_500);
  expect(rate.perSecond(12_000)).toBe(200);
  expect(rate.perSecond(17_000)).toBe(0);
  expect(rateText(0.4)).toBe("0.4/s");
  expect(rateText(5_012.3)).toBe("5,012/s");
});

test("events are exported a line each, bytes that are no text as base64", () => {
  const lines = jsonLines([
    row({ key: "/a", value: "x\ny", previous: "w", version: 2n }),
    row({ key: Uint8Array.of(255), isDelete: true }),
  ]);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      time: "1970-01-01T00:00:00.000Z",
      type: "PUT",
      revision: 7,
      key: "/a",
      value: "x\ny",
      version: 2,
      create_revision: 3,
      lease: "0",
      prev_value: "w",
    },
    { time: "1970-01-01T00:00:00.000Z", type: "DELETE", revision: 7, key_base64: "/w==" },
  ]);
});

test("a range is named as a person reads it", () => {
  expect(rangeText(prefixRange(new Uint8Array()))).toBe("all keys");
  expect(rangeText(prefixRange(utf8("/a/")))).toBe("/a/*");
  expect(rangeText({ key: utf8("/a"), rangeEnd: new Uint8Array() })).toBe("/a");
  expect(rangeText({ key: utf8("/a"), rangeEnd: utf8("/c") })).toBe("[/a, /c)");
  expect(rangeText({ key: utf8("/a"), rangeEnd: Uint8Array.of(0) })).toBe("[/a, …)");
  expect(isSameSpec(prefixRange(utf8("/a")), { ...prefixRange(utf8("/a")), prevKv: true })).toBe(true);
  expect(isSameSpec(prefixRange(utf8("/a")), { ...prefixRange(utf8("/a")), fromRevision: 3 })).toBe(false);
});

test("the time since the last sign of life is told in words", () => {
  expect([0, 2_000, 99_000, 120_000, 7_200_000].map((ms) => agoText(0, ms))).toEqual([
    "now",
    "2 s ago",
    "99 s ago",
    "2 min ago",
    "2 h ago",
  ]);
});
