import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { type Draft, draftBytes, inForm, isDirty, newDraft } from "../../../web/src/detail/drafts.ts";
import { failureOf } from "../../../web/src/detail/failure.ts";
import { leaseChange, leaseFor } from "../../../web/src/detail/lease.ts";
import { type KeyRecord, leaseText, recordOf } from "../../../web/src/detail/record.ts";
import { readsOf, renameTxn, saveOutcome, saveTxn, type Write } from "../../../web/src/detail/txns.ts";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { openStore } from "../deletion/store.ts";

const RECORD: KeyRecord = {
  key: utf8("/a"),
  value: utf8("1"),
  createRevision: 2,
  modRevision: 3,
  version: 2,
  lease: 0n,
};

describe("saving on a store", () => {
  async function opened() {
    const { clients, seed, read } = await openStore();
    await seed(["/a"]);
    const { kvs } = await clients.kv.range({ key: utf8("/a") });
    const base = kvs[0] === undefined ? undefined : recordOf(kvs[0]);
    const save = async (write: Write) => saveOutcome(write, await clients.kv.txn(saveTxn(write)));
    return { clients, read, base, save };
  }
  const key = utf8("/a");
  const mine = { key, value: utf8("mine"), lease: 0n };

  test("is done if nobody was there first", async () => {
    const { base, save, read } = await opened();
    expect(await save({ ...mine, base })).toEqual({ kind: "saved", revision: 3 });
    expect(await read("/a")).toBe("mine");
  });

  test("changes nothing where somebody was, and tells of theirs", async () => {
    const { base, save, read, clients } = await opened();
    await clients.kv.put({ key, value: utf8("theirs") });
    const outcome = await save({ ...mine, base });
    expect(outcome).toMatchObject({ kind: "conflict", theirs: { value: utf8("theirs"), modRevision: 3 } });
    expect(await read("/a")).toBe("theirs");
    if (outcome.kind === "conflict") await save({ ...mine, base: outcome.theirs });
    expect(await read("/a")).toBe("mine");
  });

  test("a deleted key is a conflict too, and is made anew only knowingly", async () => {
    const { base, save, read, clients } = await opened();
    await clients.kv.deleteRange({ key });
    expect(await save({ ...mine, base })).toEqual({ kind: "conflict", theirs: undefined });
    expect(await read("/a")).toBeUndefined();
    expect(await save({ ...mine, base: undefined })).toMatchObject({ kind: "saved" });
  });

  test("a second try of what was written already is no conflict", async () => {
    const { base, save } = await opened();
    await save({ ...mine, base });
    expect(await save({ ...mine, base })).toEqual({ kind: "saved", revision: 3 });
  });

  test("a key that is there is not created over", async () => {
    const { save, read } = await opened();
    expect(await save({ ...mine, base: undefined })).toMatchObject({ kind: "conflict" });
    expect(await read("/a")).toBe("/a");
  });

  test("a rename moves value and lease at once, or nothing", async () => {
    const { clients, read } = await opened();
    const { ID } = await clients.lease.leaseGrant({ TTL: 600n });
    await clients.kv.put({ key, value: utf8("v"), lease: ID });
    const { kvs } = await clients.kv.range({ key });
    const from = kvs[0] === undefined ? RECORD : recordOf(kvs[0]);
    expect((await clients.kv.txn(renameTxn(from, utf8("/b")))).succeeded).toBe(true);
    expect([await read("/a"), await read("/b")]).toEqual([undefined, "v"]);
    expect((await clients.kv.range({ key: utf8("/b") })).kvs[0]?.lease).toBe(ID);
    const again = await clients.kv.txn(renameTxn(from, utf8("/b")));
    expect(again.succeeded).toBe(false);
    expect(readsOf(again).map((record) => record?.modRevision)).toEqual([4, undefined]);
  });

  test("a new lease is granted, a held one is kept", async () => {
    const { clients } = await opened();
    const id = await leaseFor(clients, { kind: "new", ttlS: 60 }, undefined);
    expect((await clients.lease.leaseTimeToLive({ ID: id })).grantedTTL).toBe(60n);
    expect(await leaseFor(clients, { kind: "keep" }, { ...RECORD, lease: id })).toBe(id);
    expect(await leaseFor(clients, { kind: "none" }, { ...RECORD, lease: id })).toBe(0n);
  });
});

describe("a draft", () => {
  test("is text where the value is, hex where it is not", () => {
    expect(newDraft(RECORD)).toMatchObject({ form: "text", text: "1" });
    expect(newDraft({ ...RECORD, value: Uint8Array.of(0xff, 1) })).toMatchObject({ form: "hex", text: "ff 01" });
    expect(newDraft({ ...RECORD, value: utf8("a\u0000b") }).form).toBe("hex");
    expect(newDraft(undefined)).toMatchObject({ form: "text", text: "", base: undefined });
  });

  test("goes from form to form with the same bytes, and not while it is not whole", () => {
    const draft: Draft = { ...newDraft(RECORD), text: "é\r\n" };
    const hex = inForm(draft, "hex");
    expect(hex?.text).toBe("c3 a9 0d 0a");
    expect(hex === undefined ? undefined : draftBytes(hex)).toEqual({ bytes: utf8("é\r\n") });
    expect(inForm({ ...draft, form: "hex", text: "c" }, "text")).toBeUndefined();
    expect(inForm({ ...draft, form: "hex", text: "ff" }, "text")).toBeUndefined();
  });

  test("is dirty when its text or its lease is another", () => {
    const draft = newDraft(RECORD);
    expect(isDirty(draft)).toBe(false);
    expect(isDirty({ ...draft, text: "2" })).toBe(true);
    expect(isDirty({ ...draft, lease: { kind: "none" } })).toBe(true);
  });
});

describe("a lease", () => {
  test("is written as etcdctl writes it", () => {
    expect(leaseText(0x1234n)).toBe("0000000000001234");
  });

  test("a change of it is said, no change is not", () => {
    expect(leaseChange({ kind: "keep" }, RECORD)).toBeUndefined();
    expect(leaseChange({ kind: "none" }, RECORD)).toBeUndefined();
    expect(leaseChange({ kind: "none" }, { ...RECORD, lease: 1n })).toBe("lease 0000000000000001 → no lease");
    expect(leaseChange({ kind: "new", ttlS: 60 }, RECORD)).toBe("no lease → a new lease of 60 s");
  });
});

describe("why it was not saved", () => {
  test.each([
    ["etcdserver: request is too large", Code.InvalidArgument, "The value is too large"],
    ["etcdserver: mvcc: database space exceeded", Code.ResourceExhausted, "The store is full"],
    ["etcdserver: requested lease not found", Code.NotFound, "The lease has ended"],
    ["etcdserver: no leader", Code.Unavailable, "The store did not answer"],
    ["etcdserver: permission denied", Code.PermissionDenied, "You may not write this key"],
    ["etcdserver: something else", Code.Internal, "The store refused"],
  ])("%s", (message, code, title) => {
    const failure = failureOf(new ConnectError(message, code));
    expect(failure.title).toBe(title);
    expect(failure.detail).toContain(message);
  });

  test("a page that cannot reach the store", () => {
    expect(failureOf(new TypeError("Failed to fetch")).title).toBe("The store did not answer");
  });
});
