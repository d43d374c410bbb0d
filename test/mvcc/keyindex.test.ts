import { expect, test } from "vitest";
import { Store } from "../../src/mvcc/index.ts";
import { fc } from "../support/property.ts";
import { rangeRequest } from "./support/requests.ts";

const VALUE = new Uint8Array(1);
const seed = { low: 0x1234_5678, high: -1 };

function put(store: Store, key: string): void {
  const write = store.write();
  write.put(key, VALUE, 0n);
  write.commit();
}

function keysOf(store: Store, from: string, end: string, revision = 0): string[] {
  return store.range(rangeRequest(from, end, { revision })).entries.map((entry) => entry.key);
}

test("KV4: keys of every byte and of a megabyte, in any order, are found one by one and in order", () => {
  const bytes = Array.from({ length: 256 }, (_, at) => String.fromCharCode(at));
  const long = "k".repeat(2 ** 20);
  const keys = [...bytes, ...bytes.map((byte) => `/registry/${byte}`), long, `${long}\0`, `${long}\xff`];
  const store = new Store(seed);
  for (let at = 0; at < keys.length; at++) put(store, keys[(at * 7919) % keys.length] as string);
  for (const key of keys) expect(store.get(key)?.key === key).toBe(true);
  expect(store.get(`${long}1`)).toBeUndefined();
  expect(keysOf(store, "", "\0").join("|") === keys.toSorted().join("|")).toBe(true);
  expect(store.count({ key: "/", rangeEnd: "0" }, 0)).toBe(257);
});

test("KV4, CO2: thousands of keys that come, go and are compacted are those of a map, at every revision that is kept", () => {
  const step = fc.tuple(fc.constantFrom("put", "delete", "compact"), fc.nat(2999), fc.nat(800));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(2999), (steps, from) => {
      const store = new Store(seed);
      const live = new Set<string>();
      const keyOf = (at: number) => `/${(at * 7919) % 3000}/${at}`;
      let before: { revision: number; keys: string[] } = { revision: 1, keys: [] };
      for (const [kind, at, count] of steps) {
        const keys = Array.from({ length: count }, (_, index) => keyOf((at + index) % 3000));
        if (kind === "compact") {
          if (store.revision > store.compactRevision) store.compact(store.revision);
          before = { revision: store.revision, keys: [...live] };
        } else if (kind === "put") {
          for (const key of keys) {
            put(store, key);
            live.add(key);
          }
        } else {
          const write = store.write();
          for (const key of keys) {
            write.delete(key);
            live.delete(key);
          }
          write.commit();
        }
      }
      expect(store.liveKeys).toBe(live.size);
      expect(keysOf(store, "\0", "\0")).toEqual([...live].sort());
      const [start, end] = [keyOf(from), "/9"];
      const within = (key: string) => key >= start && key < end;
      expect(store.count({ key: start, rangeEnd: end }, 0)).toBe([...live].filter(within).length);
      expect(keysOf(store, start, end, before.revision)).toEqual(before.keys.filter(within).sort());
      for (let at = 0; at < 3000; at += 7) expect(store.get(keyOf(at)) !== undefined).toBe(live.has(keyOf(at)));
    }),
    { numRuns: 40 },
  );
});

test("CO2: what keys that are gone took of the index is free again", () => {
  const store = new Store(seed);
  const empty = store.index.bytes;
  for (const round of ["a", "b"]) {
    for (let at = 0; at < 40_000; at++) put(store, `${round}/${(at * 7919) % 40_000}`);
    expect(store.index.bytes).toBeGreaterThan(40_000 * 50);
    const write = store.write();
    expect(write.deleteRange({ key: `${round}/`, rangeEnd: `${round}0` })).toBe(40_000);
    write.commit();
    put(store, "one");
    store.compact(store.revision);
    expect([store.index.size, store.liveKeys]).toEqual([1, 1]);
    expect(store.index.bytes).toBeLessThan(empty + 8192);
  }
});
