import { expect, test } from "vitest";
import { isReadOnly, keyFromBytes, Store, type TxnRequest } from "../../src/mvcc/index.ts";
import { recordSize } from "./support/entry.ts";
import { rangeRequest, utf8, write } from "./support/requests.ts";

function keys(store: Store, revision = 0): string[] {
  return store.range(rangeRequest("", "\0", { revision })).entries.map((entry) => entry.key);
}

test("KV5: a store nothing was written to is at revision 1, compacted at −1", () => {
  const store = new Store();
  expect([store.revision, store.compactRevision, store.bytes]).toEqual([1, -1, 0]);
  expect(store.get("a")).toBeUndefined();
});

test("KV5: get reads one key at any kept revision", () => {
  const store = new Store();
  write(store, "a=1");
  write(store, "a=2");
  write(store, "-a");
  const values = [0, 1, 2, 3, 4].map((revision) => {
    const entry = store.get("a", revision);
    return entry === undefined ? "nothing" : keyFromBytes(entry.value);
  });
  expect(values).toEqual(["nothing", "nothing", "1", "2", "nothing"]);
  expect(() => store.get("a", 5)).toThrow("future revision");
  store.compact(3);
  expect(() => store.get("a", 2)).toThrow("compacted");
});

test("KV11: the listener of commits hears of each revision with its entries, and of none without any", () => {
  const store = new Store();
  const heard: string[] = [];
  store.onCommit((revision, changes) => {
    expect(store.revision).toBe(revision);
    heard.push(`${revision}: ${changes.map((entry) => `${entry.key}.${entry.subRevision}`).join(" ")}`);
  });
  write(store, "b=1", "a=1");
  write(store, "-missing");
  write(store);
  write(store, "-a..c", "a=2");
  expect(heard).toEqual(["2: b.0 a.1", "3: a.0 b.1 a.2"]);
});

test("KV11: a key deleted and put again in one revision is a new generation", () => {
  const store = new Store();
  write(store, "a=1");
  write(store, "a=2");
  write(store, "-a", "a=3");
  const entry = store.get("a");
  expect([entry?.createRevision, entry?.modRevision, entry?.version, entry?.subRevision]).toEqual([4, 4, 1, 1]);
});

test("TX6: a write sees its own changes at the next revision, other readers do not until it commits", () => {
  const store = new Store();
  write(store, "a=1");
  const txn = store.write();
  expect(txn.revision).toBe(2);
  txn.put("b", utf8("1"), 0n);
  expect(txn.revision).toBe(3);
  expect(txn.get("b")?.modRevision).toBe(3);
  expect(store.revision).toBe(2);
  expect(keys(store)).toEqual(["a"]);
  expect(txn.range(rangeRequest("", "\0")).entries.map((entry) => entry.key)).toEqual(["a", "b"]);
  txn.commit();
  expect(keys(store)).toEqual(["a", "b"]);
});

test("KV12: a chunk is the first keys of a range; it counts one more than its limit, not the rest", () => {
  const store = new Store();
  write(store, "a=1", "b=1", "c=1");
  const chunk = (limit: number, rangeEnd = "\0") => {
    const { entries, more, count, revision } = store.chunk(rangeRequest("a", rangeEnd, { limit }));
    return [entries.map((entry) => entry.key).join(""), more, count, revision];
  };
  expect(chunk(1)).toEqual(["a", true, 2, 2]);
  expect(chunk(2)).toEqual(["ab", true, 3, 2]);
  expect(chunk(0)).toEqual(["abc", false, 3, 2]);
  expect(chunk(3)).toEqual(["abc", false, 3, 2]);
  expect(chunk(9)).toEqual(["abc", false, 3, 2]);
  expect(chunk(1, "b")).toEqual(["a", false, 1, 2]);
  expect(store.count({ key: "b", rangeEnd: "\0" }, 2)).toBe(2);
});

test("CO1: a refused compaction changes nothing", () => {
  const store = new Store();
  write(store, "a=1");
  write(store, "a=2");
  expect(() => store.compact(4)).toThrow("future revision");
  expect(store.compactRevision).toBe(-1);
  store.compact(2);
  expect(() => store.compact(2)).toThrow("compacted");
  expect([store.compactRevision, keys(store, 2).length]).toEqual([2, 1]);
});

test("CO2: the bytes counted are those of what is kept", () => {
  const store = new Store();
  write(store, "a=1", "b=long value");
  write(store, "a=2");
  write(store, "-b");
  write(store, "c=1");
  const kept = (): number => {
    let bytes = 0;
    store.log.ascend(0, (at) => {
      bytes += recordSize(at.entry());
      return true;
    });
    return bytes;
  };
  const before = store.bytes;
  expect(before).toBe(kept());
  store.compact(4);
  expect(store.bytes).toBe(kept());
  expect(store.bytes).toBeLessThan(before);
});

test("KV5: values are the store's own: what the caller does with its buffer changes nothing", () => {
  const store = new Store();
  for (const length of [1, 100, 5000, 100_000]) {
    const value = new Uint8Array(length).fill(7);
    const txn = store.write();
    txn.put(`k${length}`, value, 0n);
    txn.commit();
    value.fill(0);
    const kept = store.get(`k${length}`)?.value;
    expect([kept?.length, kept?.every((byte) => byte === 7)]).toEqual([length, true]);
  }
});

test("MA1: a txn is read-only where every op of both branches is a range; a nested txn never is", () => {
  const range = { kind: "range", request: rangeRequest("a") } as const;
  const remove = { kind: "deleteRange", request: { key: "a", rangeEnd: "", prevKv: false } } as const;
  const request = (fields: Partial<TxnRequest>): TxnRequest => ({ compare: [], success: [], failure: [], ...fields });
  expect(isReadOnly(request({}))).toBe(true);
  expect(isReadOnly(request({ success: [range], failure: [range, range] }))).toBe(true);
  expect(isReadOnly(request({ success: [range, remove] }))).toBe(false);
  expect(isReadOnly(request({ failure: [remove] }))).toBe(false);
  expect(isReadOnly(request({ success: [{ kind: "txn", request: request({}) }] }))).toBe(false);
});
