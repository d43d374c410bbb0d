import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { TxnResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { KeyValueSchema } from "../../../src/gen/mvccpb/kv_pb.ts";
import { deleteSeen, putBack, putBackRange, seeKeys } from "../../../web/src/deletion/steps.ts";
import { chunks, deleteTxn, KEYS_PER_TXN, putBackTxn, taken } from "../../../web/src/deletion/txns.ts";
import { deletedTitle, putBackText } from "../../../web/src/deletion/words.ts";
import { prefixRange, utf8 } from "../../../web/src/store/bytes.ts";
import { openStore } from "./store.ts";

describe("the txns of deleting", () => {
  test("one key is one guarded txn", () => {
    const txn = deleteTxn([{ key: utf8("/a"), modRevision: 7 }]);
    expect(txn.compare[0]?.targetUnion).toEqual({ case: "modRevision", value: 7n });
    expect(txn.success[0]?.request.case).toBe("requestDeleteRange");
    expect(taken(txn, create(TxnResponseSchema, { succeeded: false }))).toEqual([false]);
  });

  test("of several each is guarded by itself", () => {
    const txn = deleteTxn([
      { key: utf8("/a"), modRevision: 7 },
      { key: utf8("/b"), modRevision: 8n },
    ]);
    expect(txn.compare).toEqual([]);
    expect(txn.success.map(({ request }) => request.case)).toEqual(["requestTxn", "requestTxn"]);
  });

  test("what is put back is guarded by create_revision = 0, and has its lease only if that is there", () => {
    const kv = create(KeyValueSchema, { key: utf8("/a"), value: utf8("1"), lease: 5n });
    const lease = (isAlive: boolean) => {
      const { compare, success } = putBackTxn([kv], () => isAlive);
      expect(compare[0]?.targetUnion).toEqual({ case: "createRevision", value: 0n });
      return success[0]?.request.case === "requestPut" ? success[0].request.value.lease : undefined;
    };
    expect([lease(true), lease(false)]).toEqual([5n, 0n]);
  });

  test("pieces fit a request by number and by size", () => {
    expect(chunks(Array(KEYS_PER_TXN + 1).fill(0), () => 1).map(({ length }) => length)).toEqual([KEYS_PER_TXN, 1]);
    expect(chunks([900_000, 900_000, 10], (size) => size)).toEqual([[900_000], [900_000, 10]]);
    expect(chunks([3_000_000, 1], (size) => size)).toEqual([[3_000_000], [1]]);
    expect(chunks([], () => 1)).toEqual([]);
  });
});

describe("on a store", () => {
  test("hundreds of keys go and come back, those that were changed meanwhile are left alone", async () => {
    const { clients, seed, read } = await openStore();
    const names = Array.from({ length: 300 }, (_, at) => `/k/${String(at).padStart(3, "0")}`);
    await seed(names);
    const seen = await seeKeys(clients, names.map(utf8));
    expect(seen).toHaveLength(300);
    await clients.kv.put({ key: utf8("/k/007"), value: utf8("changed") });
    const { deletions, kept } = await deleteSeen(clients, seen);
    expect(kept).toEqual([utf8("/k/007")]);
    expect(deletions.flatMap(({ keys }) => keys)).toHaveLength(299);
    await clients.kv.put({ key: utf8("/k/100"), value: utf8("again") });
    expect(await putBack(clients, deletions)).toEqual({ restored: 298, skipped: 1, withoutLease: 0 });
    expect([await read("/k/000"), await read("/k/007"), await read("/k/100")]).toEqual(["/k/000", "changed", "again"]);
  });

  test("a range comes back page by page; a lease that has ended does not", async () => {
    const { clients, seed, read } = await openStore();
    await seed(Array.from({ length: 100 }, (_, at) => `/p/${at}`));
    const { ID } = await clients.lease.leaseGrant({ TTL: 600n });
    await clients.kv.put({ key: utf8("/p/leased"), value: utf8("/p/leased"), lease: ID });
    const range = prefixRange(utf8("/p/"));
    const { header, deleted } = await clients.kv.deleteRange(range);
    expect(deleted).toBe(101n);
    await clients.lease.leaseRevoke({ ID });
    const outcome = await putBackRange(clients, range, Number(header?.revision));
    expect(outcome).toEqual({ restored: 101, skipped: 0, withoutLease: 1 });
    expect(await read("/p/leased")).toBe("/p/leased");
  });

  test("values of a mebibyte come back one by one", async () => {
    const { clients } = await openStore();
    const keys = [utf8("/big/1"), utf8("/big/2")];
    for (const key of keys) await clients.kv.put({ key, value: new Uint8Array(1024 * 1024).fill(1) });
    const { deletions } = await deleteSeen(clients, await seeKeys(clients, keys));
    expect(await putBack(clients, deletions)).toEqual({ restored: 2, skipped: 0, withoutLease: 0 });
  });
});

describe("what is said", () => {
  test("names one key, counts many", () => {
    expect(deletedTitle([utf8("/a")])).toBe("Deleted /a");
    expect(deletedTitle([utf8("/a"), utf8("/b")])).toBe("Deleted 2 keys");
  });

  test("says what did not come back", () => {
    const { title, detail } = putBackText({ restored: 2, skipped: 1, withoutLease: 1 });
    expect(title).toBe("2 keys put back");
    expect(detail).toContain("Version and create revision begin anew.");
    expect(detail).toContain("1 key without a lease");
    expect(detail).toContain("1 key left alone");
  });
});
