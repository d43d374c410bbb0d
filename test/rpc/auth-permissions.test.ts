import { expect, test } from "vitest";
import { Compare_CompareResult, Compare_CompareTarget } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { fc } from "../support/property.ts";
import { child, compare, del, EVERYTHING, get, put, putAll, putOf, rangeOf, type TxnInit, txn } from "./support/ops.ts";
import { expectError, keys, kvs, text } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";
import {
  addUser,
  enableAuth,
  FROM_KEY,
  type Grant,
  grantTo,
  READ,
  READWRITE,
  signIn,
  WRITE,
  withToken,
} from "./support/users.ts";

const DENIED = "etcdserver: permission denied";
const NOBODY = "etcdserver: user name is empty";

interface Users {
  readonly target: Target;
  readonly root: Target;
  readonly alice: Target;
}

/** With auth on, one user that has these rights, and nothing stored but what `pairs` say. */
async function withRights(grants: readonly Grant[], ...pairs: string[]): Promise<Users> {
  const target = await newTarget();
  await putAll(target, ...pairs);
  await addUser(target, "alice", ...grants);
  const root = await enableAuth(target);
  return { target, root, alice: await signIn(target, "alice") };
}

async function denied(call: Promise<unknown>): Promise<void> {
  await expectError(call, "PERMISSION_DENIED", DENIED);
}

async function drain(responses: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of responses) count++;
  return count;
}

test("AU5: without a user nothing is read or written, and nothing is stored by trying", async () => {
  const { target, root } = await withRights([[READWRITE, "k"]], "k=1");
  const calls: Array<() => Promise<unknown>> = [
    () => target.kv.range(rangeOf("k")),
    () => drain(target.kv.rangeStream(rangeOf("k"))),
    () => target.kv.put(putOf("k", "v")),
    () => target.kv.deleteRange(rangeOf("k")),
    () => target.kv.txn({ success: [get("k")] }),
    () => target.kv.txn({ success: [put("k", "v")] }),
    () => target.kv.compact({ revision: 2n }),
  ];
  for (const call of calls) await expectError(call(), "INVALID_ARGUMENT", NOBODY);
  expect(kvs(await root.kv.range(EVERYTHING))).toEqual(["k=1 2/2/1"]);
});

test("AU5: a txn that does nothing asks for nothing", async () => {
  const { target } = await withRights([]);
  expect((await target.kv.txn({})).succeeded).toBe(true);
});

test("AU5: a range needs to be granted as a whole", async () => {
  const { alice } = await withRights(
    [
      [READ, "a", "c"],
      [READ, "e"],
    ],
    "a=1",
    "b=2",
    "c=3",
    "e=4",
  );
  expect(keys(await alice.kv.range(rangeOf("a", "c")))).toEqual(["a", "b"]);
  expect(keys(await alice.kv.range(rangeOf("e")))).toEqual(["e"]);
  expect(await drain(alice.kv.rangeStream(rangeOf("a", "c")))).toBe(1);
  for (const [key, end] of [
    ["c", ""],
    ["a", "d"],
    ["b", FROM_KEY],
    [FROM_KEY, FROM_KEY],
    ["e", "f"],
  ] as const) {
    await denied(alice.kv.range(rangeOf(key, end)));
    await denied(alice.kv.range(rangeOf(key, end, { countOnly: true })));
    await denied(drain(alice.kv.rangeStream(rangeOf(key, end))));
    await denied(drain(alice.kv.rangeStream(rangeOf(key, end, { countOnly: true }))));
  }
});

test("AU5: rights of several roles, side by side, cover what none of them does", async () => {
  const { root, alice } = await withRights([[READ, "a", "b"]], "a=1", "b=2");
  await root.auth.roleAdd({ name: "more" });
  await grantTo(root, "more", [READ, "b", "c"]);
  await denied(alice.kv.range(rangeOf("a", "c")));
  await root.auth.userGrantRole({ user: "alice", role: "more" });
  expect(keys(await alice.kv.range(rangeOf("a", "c")))).toEqual(["a", "b"]);
  await root.auth.roleRevokePermission({ role: "more", ...rangeOf("b", "c") });
  await denied(alice.kv.range(rangeOf("a", "c")));
});

test("AU5: writing needs the right to write, and the previous pair the right to read", async () => {
  const { alice } = await withRights(
    [
      [READ, "r"],
      [WRITE, "w", "x"],
      [READWRITE, "x", "z"],
    ],
    "r=0",
    "w=0",
    "x=0",
  );
  await denied(alice.kv.put(putOf("r", "1")));
  await alice.kv.put(putOf("w", "1"));
  await denied(alice.kv.put(putOf("w", "1", { prevKv: true })));
  expect(text((await alice.kv.put(putOf("x", "1", { prevKv: true }))).prevKv?.value as Uint8Array)).toBe("0");
  await denied(alice.kv.range(rangeOf("w")));
  await denied(alice.kv.deleteRange(rangeOf("r")));
  await denied(alice.kv.deleteRange({ ...rangeOf("w", "z"), prevKv: true }));
  expect((await alice.kv.deleteRange(rangeOf("w", "z"))).deleted).toBe(2n);
  await denied(alice.kv.deleteRange(rangeOf("w", "zz")));
});

const { EQUAL } = Compare_CompareResult;
const { VERSION } = Compare_CompareTarget;

test("AU5: a txn needs the rights to its compares and to both branches, those of its children too", async () => {
  const { alice } = await withRights(
    [
      [READ, "r"],
      [WRITE, "w"],
    ],
    "r=0",
    "w=0",
    "x=0",
  );
  const isThere = (key: string) => compare(key, VERSION, EQUAL, { case: "version", value: 1n });
  const refused: TxnInit[] = [
    { compare: [isThere("w")] },
    { compare: [compare("r", VERSION, EQUAL, { case: "version", value: 1n }, "s")] },
    { success: [get("w")] },
    { failure: [get("w")] },
    { success: [put("r", "1")] },
    { failure: [put("x", "1")] },
    { success: [put("w", "1", { prevKv: true })] },
    { success: [del("r")] },
    { failure: [del("w", "", true)] },
    { success: [child(get("x"))] },
    { failure: [txn({ compare: [isThere("x")] })] },
    { failure: [txn({ failure: [child(put("r", "1"))] })] },
  ];
  for (const request of refused) await denied(alice.kv.txn(request));
  const allowed = { compare: [isThere("r")], success: [get("r"), put("w", "1")], failure: [child(del("w"))] };
  expect((await alice.kv.txn(allowed)).succeeded).toBe(true);
});

test("AU5: first what a request is by itself is looked at, then the token, the rights, and the store", async () => {
  const { target, alice } = await withRights([[READWRITE, "k"]]);
  const lost = withToken(target, "abcdefghijklmnop.1");
  const invalid = "etcdserver: invalid auth token";
  await expectError(lost.kv.range(rangeOf("")), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  await expectError(lost.kv.put(putOf("", "")), "INVALID_ARGUMENT", "etcdserver: key is not provided");
  await expectError(lost.kv.txn({ success: [{}] }), "INVALID_ARGUMENT", "etcdserver: key not found");
  await expectError(lost.kv.range(rangeOf("k", "", { revision: 99n })), "UNAUTHENTICATED", invalid);
  await expectError(lost.kv.put(putOf("k", "v", { lease: 99n })), "UNAUTHENTICATED", invalid);
  await expectError(lost.kv.compact({ revision: 99n }), "UNAUTHENTICATED", invalid);
  await denied(alice.kv.range(rangeOf("j", "", { revision: 99n })));
  await denied(alice.kv.put(putOf("j", "v", { lease: 99n })));
  await denied(alice.kv.compact({ revision: 99n }));
  const leaseNotFound = alice.kv.put(putOf("k", "v", { lease: 99n }));
  await expectError(leaseNotFound, "NOT_FOUND", "etcdserver: requested lease not found");
});

test("AU5: root's role gives every right, whoever has it", async () => {
  const { root, alice } = await withRights([], "a=1");
  await denied(alice.kv.range(EVERYTHING));
  await root.auth.userGrantRole({ user: "alice", role: "root" });
  expect(keys(await alice.kv.range(EVERYTHING))).toEqual(["a"]);
  await alice.kv.put(putOf("b", "1"));
  await alice.kv.compact({ revision: 3n });
});

inProcess("AU5: an etcdlite's own services ask for the right to read what they tell of", async () => {
  const target = localTarget();
  await putAll(target, "a/1=1", "a/2=2", "b/1=3");
  await addUser(target, "alice", [READ, "a/", "a0"]);
  const root = await enableAuth(target);
  const alice = await signIn(target, "alice");
  const { keys: names } = await alice.keys.listKeys(rangeOf("a/", "a0"));
  expect(names.map(({ key }) => text(key))).toEqual(["a/1", "a/2"]);
  expect((await alice.keys.listAnchors(rangeOf("a/", "a0"))).count).toBe(2n);
  const { key: prefix } = rangeOf("a/");
  expect((await alice.keys.listChildren({ prefix })).children.length).toBe(2);
  await denied(alice.keys.listKeys(rangeOf("a/", "c")));
  await denied(alice.keys.listAnchors(rangeOf("a/", "c")));
  await denied(alice.keys.listChildren({}));
  await denied(alice.keys.listChildren({ prefix: rangeOf("b/").key }));
  await expectError(target.keys.listChildren({}), "INVALID_ARGUMENT", NOBODY);
  expect((await root.keys.listChildren({})).children.length).toBe(2);
});

inProcess("AU5: a stream that a change of users overtakes says so in the end", async () => {
  const target = localTarget();
  await putAll(target, ...Array.from({ length: 25 }, (_, at) => `k${at}=v`));
  const root = await enableAuth(target);
  const responses = root.kv.rangeStream(EVERYTHING)[Symbol.asyncIterator]();
  await responses.next();
  await root.auth.roleAdd({ name: "new" });
  const rest = (async () => {
    while ((await responses.next()).done !== true);
  })();
  await expectError(rest, "INVALID_ARGUMENT", "etcdserver: revision of auth store is old");
});

const LETTERS = "abc";
const key = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 2 });
const rangeEnd = fc.oneof(key, fc.constantFrom("", FROM_KEY));
const range = fc.tuple(key, rangeEnd).filter(([start, end]) => end === "" || end === FROM_KEY || start < end);
const grant = fc
  .tuple(fc.constantFrom(READ, WRITE, READWRITE), key, rangeEnd)
  .filter(([, start, end]) => end === "" || end === FROM_KEY || start < end);
const words = [...LETTERS].flatMap((first) => ["", ...LETTERS].map((second) => first + second));
const UNIVERSE = words.flatMap((word) => [word, `${word}\0`, `${word}z`]);

function holds(start: string, end: string, candidate: string): boolean {
  if (end === "") return candidate === start;
  return candidate >= start && (end === FROM_KEY || candidate < end);
}

/**
 * Keys granted one after the other, and which ranges that end where they begin or before may then be read: of
 * each start in STARTS those with an end in ENDS. So etcd 3.7.1 answers, by the shape of its tree.
 */
const STARTS = "acefhjmpwy";
const ENDS = "abdgkq";
const INVERTED = [
  ["m", "0 00 000 000 0000 0000 11111 00000 000000 000000"],
  ["c", "0 11 000 000 0000 0000 00111 00000 000000 000000"],
  ["w", "0 11 000 000 0000 0000 11111 00000 000001 000000"],
  ["j", "0 11 000 000 0000 1111 00001 00000 000001 000000"],
  ["e", "0 11 111 000 0000 0001 00011 00000 000001 000000"],
  ["y", "0 11 111 000 0000 0001 00011 00000 000001 000000"],
  ["p", "0 11 111 000 0000 0001 00011 00000 000001 000000"],
  ["a", "1 11 001 000 0000 1111 00001 00001 000001 000000"],
  ["f", "1 11 001 111 0000 0001 00011 00000 000001 000000"],
  ["h", "1 11 001 111 0001 0001 00001 00001 000001 000000"],
] as const;

async function readable(target: Target, start: string): Promise<string> {
  let found = "";
  for (const end of ENDS) {
    if (end > start) continue;
    const reading = target.kv.range(rangeOf(start, end));
    found += await reading.then(
      () => "1",
      () => "0",
    );
  }
  return found;
}

test("AU5: of a range that holds no key it depends on what else is granted", async () => {
  const { root, alice } = await withRights([]);
  for (const [key, expected] of INVERTED) {
    await grantTo(root, "alice", [READ, key]);
    const found: string[] = [];
    for (const start of STARTS) found.push(await readable(alice, start));
    expect([key, found.join(" ")]).toEqual([key, expected]);
  }
});

test("AU5: what is granted is as by a model that looks at every key", async () => {
  const target = await newTarget();
  await addUser(target, "alice");
  const root = await enableAuth(target);
  const alice = await signIn(target, "alice");
  const requests = fc.array(range, { minLength: 30, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(grant, { maxLength: 5 }), requests, async (grants, ranges) => {
      await root.auth.roleDelete({ role: "alice" });
      await root.auth.roleAdd({ name: "alice" });
      for (const granted of grants) await grantTo(root, "alice", granted as Grant);
      await root.auth.userGrantRole({ user: "alice", role: "alice" });
      // A grant on the same range takes the place of the one before only where it finds it.
      const { perm } = await root.auth.roleGet({ role: "alice" });
      const readable = perm.filter(({ permType }) => permType !== WRITE);
      const isGranted = (candidate: string): boolean =>
        readable.some((granted) => holds(latin1(granted.key), latin1(granted.rangeEnd), candidate));
      for (const [start, end] of ranges) {
        const asked = UNIVERSE.filter((candidate) => holds(start, end, candidate));
        const expected = asked.every(isGranted);
        const outcome = await alice.kv.range(rangeOf(start, end)).then(
          () => true,
          () => false,
        );
        expect([start, end, outcome]).toEqual([start, end, expected]);
      }
    }),
    { numRuns: 12 },
  );
});

function latin1(value: Uint8Array): string {
  return String.fromCharCode(...value);
}
