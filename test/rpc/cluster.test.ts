import { expect, test } from "vitest";
import type { Member } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { putOf } from "./support/ops.ts";
import { expectError } from "./support/show.ts";
import { inProcess, localTarget, newTarget, type Target } from "./support/target.ts";

const A = "http://127.0.0.1:11";
const B = "http://127.0.0.1:12";
const C = "http://127.0.0.1:13";
const UNKNOWN_ID = 77n;

const NOT_FOUND = "etcdserver: member not found";
const NOT_ENOUGH_STARTED = "etcdserver: re-configuration failed due to not enough started members";
const NOT_IN_SYNC = "etcdserver: can only promote a learner member which is in sync with leader";
const BAD_URLS = "etcdserver: given member URLs are invalid";
const URL_EXISTS = "etcdserver: Peer URLs already exists";

async function own(target: Target): Promise<Member> {
  const { members, header } = await target.cluster.memberList({});
  const member = members.find(({ ID }) => ID === header?.memberId);
  if (member === undefined) throw new Error("the one that answers is no member");
  return member;
}

async function addLearner(target: Target, ...peerURLs: string[]): Promise<bigint> {
  return (await target.cluster.memberAdd({ peerURLs, isLearner: true })).member?.ID ?? 0n;
}

/** The members but the own one, in the reply's order. */
async function others(target: Target): Promise<string[]> {
  const { members, header } = await target.cluster.memberList({});
  return members.filter(({ ID }) => ID !== header?.memberId).map(show);
}

function show({ name, peerURLs, clientURLs, isLearner }: Member): string {
  return `${isLearner ? "learner" : "voter"} ${name} ${peerURLs.join(",")} ${clientURLs.join(",")}`;
}

test("CL1: the list has the one member, and its header no revision", async () => {
  const target = await newTarget();
  for (const linearizable of [false, true]) {
    const { header, members } = await target.cluster.memberList({ linearizable });
    expect(header?.revision).toBe(0n);
    expect(header?.raftTerm).toBe(2n);
    expect(members.map(({ ID, name, isLearner }) => [ID, name, isLearner])).toEqual([
      [header?.memberId, "default", false],
    ]);
    expect(members[0]?.clientURLs.length).toBe(1);
    expect(members[0]?.peerURLs.length).toBe(1);
  }
});

test("CL2: an added member has no name yet, its URLs are sorted, and the list is in the order of IDs", async () => {
  const target = await newTarget();
  const response = await target.cluster.memberAdd({ peerURLs: [B, ` ${A} `], isLearner: true });
  expect(response.header?.revision).toBe(0n);
  expect(response.member === undefined ? "none" : show(response.member)).toBe(`learner  ${A},${B} `);
  expect(response.member?.ID).not.toBe(0n);
  expect(await others(target)).toEqual([`learner  ${A},${B} `]);
  const ids = response.members.map(({ ID }) => ID);
  expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(ids.length).toBe(2);
});

test("CL2: what is no peer URL is refused, before all else", async () => {
  const target = await newTarget();
  const bad = [
    ["", "x", "http://a", "http://a:1/", "http://a:1/p", "ftp://a:1", "http:a:1", "http://a:port", "http://a b:1"],
    [
      "http://a:%31",
      "http://a:1:2",
      "http://::1:2",
      "http://a\u0001:1",
      "//a:1",
      "http://",
      "unix://a b",
      "http://[x y]:1",
    ],
  ].flat();
  for (const url of bad) {
    await expectError(target.cluster.memberAdd({ peerURLs: [A, url] }), "INVALID_ARGUMENT", BAD_URLS);
  }
  await expectError(target.cluster.memberAdd({ peerURLs: [] }), "INVALID_ARGUMENT", BAD_URLS);
  expect(await others(target)).toEqual([]);
});

test("CL2: peer URLs are kept as Go writes them", async () => {
  const target = await newTarget();
  const forms = [
    ["HTTP://Host:1", "http://Host:1"],
    ["https://[::1]:80", "https://[::1]:80"],
    ["http://:9", "http://:9"],
    ["http://h:", "http://h:"],
    ["http://user@h:1?q=1#f", "http://user@h:1?q=1#f"],
    ["unix://x", "unix://x"],
    ["unixs:/tmp/x", "unixs:/tmp/x"],
    ["http://h\u00e9:1", "http://h%C3%A9:1"],
  ];
  for (const [given = "", kept] of forms) {
    const { member } = await target.cluster.memberAdd({ peerURLs: [given], isLearner: true });
    expect(member?.peerURLs).toEqual([kept]);
    await target.cluster.memberRemove({ ID: member?.ID ?? 0n });
  }
});

test("CL2: a peer URL belongs to one member, and there is a limit of learners", async () => {
  const target = await newTarget();
  const [ownUrl = ""] = (await own(target)).peerURLs;
  await expectError(
    target.cluster.memberAdd({ peerURLs: [A, ownUrl], isLearner: true }),
    "FAILED_PRECONDITION",
    URL_EXISTS,
  );
  await addLearner(target, A);
  await expectError(target.cluster.memberAdd({ peerURLs: [A, C], isLearner: true }), "FAILED_PRECONDITION", URL_EXISTS);
  const tooMany = "etcdserver: too many learner members in cluster";
  await expectError(target.cluster.memberAdd({ peerURLs: [B], isLearner: true }), "FAILED_PRECONDITION", tooMany);
  expect(await others(target)).toEqual([`learner  ${A} `]);
});

test("CL2: the limit of learners is an option", async () => {
  const target = await newTarget({ maxLearners: 2 });
  await addLearner(target, A);
  await addLearner(target, B);
  const tooMany = "etcdserver: too many learner members in cluster";
  await expectError(target.cluster.memberAdd({ peerURLs: [C], isLearner: true }), "FAILED_PRECONDITION", tooMany);
});

test("CL3: a voter may be added to the first, and then nothing more until it runs", async () => {
  const target = await newTarget();
  const learner = await addLearner(target, A);
  const { member } = await target.cluster.memberAdd({ peerURLs: [B] });
  expect(member?.isLearner).toBe(false);
  const { ID } = await own(target);
  const add = target.cluster.memberAdd;
  await expectError(add({ peerURLs: [C] }), "UNKNOWN", NOT_ENOUGH_STARTED);
  await expectError(add({ peerURLs: [B] }), "UNKNOWN", NOT_ENOUGH_STARTED);
  await expectError(add({ peerURLs: [C], isLearner: true }), "UNAVAILABLE", "etcdserver: unhealthy cluster");
  await expectError(target.cluster.memberRemove({ ID }), "UNKNOWN", NOT_ENOUGH_STARTED);
  await expectError(target.cluster.memberRemove({ ID: UNKNOWN_ID }), "UNKNOWN", NOT_ENOUGH_STARTED);
  await expectError(target.cluster.memberPromote({ ID: learner }), "FAILED_PRECONDITION", NOT_IN_SYNC);
  expect((await others(target)).toSorted()).toEqual([`learner  ${A} `, `voter  ${B} `]);
});

// A real etcd has lost its majority by then and answers no write any more.
inProcess("CL3: with a voter that does not run, all goes on, and it can be removed again", async () => {
  const target = localTarget();
  const { member } = await target.cluster.memberAdd({ peerURLs: [B] });
  expect((await target.kv.put(putOf("a", "1"))).header?.revision).toBe(2n);
  expect((await target.cluster.memberList({ linearizable: true })).members.length).toBe(2);
  await target.cluster.memberUpdate({ ID: member?.ID ?? 0n, peerURLs: [C] });
  expect(await others(target)).toEqual([`voter  ${C} `]);
  await target.cluster.memberRemove({ ID: member?.ID ?? 0n });
  expect(await others(target)).toEqual([]);
  await target.cluster.memberAdd({ peerURLs: [A] });
});

inProcess("CL3: without the strict check as many are added as one likes, but the own one is not removed", async () => {
  const target = localTarget({ strictReconfigCheck: false });
  for (const url of [A, B, C]) await target.cluster.memberAdd({ peerURLs: [url] });
  expect((await others(target)).length).toBe(3);
  const { ID } = await own(target);
  await expectError(target.cluster.memberRemove({ ID }), "UNKNOWN", NOT_ENOUGH_STARTED);
  expect((await target.kv.put(putOf("a", "1"))).header?.revision).toBe(2n);
});

test("CL4: a learner can be removed, and then is unknown for ever; the own member cannot", async () => {
  const target = await newTarget();
  const id = await addLearner(target, A);
  const { header, members } = await target.cluster.memberRemove({ ID: id });
  expect([header?.revision, members.length]).toEqual([0n, 1]);
  for (const ID of [id, UNKNOWN_ID, 0n]) {
    await expectError(target.cluster.memberRemove({ ID }), "NOT_FOUND", NOT_FOUND);
    await expectError(target.cluster.memberUpdate({ ID, peerURLs: [B] }), "NOT_FOUND", NOT_FOUND);
    await expectError(target.cluster.memberPromote({ ID }), "NOT_FOUND", NOT_FOUND);
  }
  const { ID } = await own(target);
  await expectError(target.cluster.memberRemove({ ID }), "UNKNOWN", NOT_ENOUGH_STARTED);
  expect(await others(target)).toEqual([]);
});

test("CL5: an update replaces the peer URLs, as they are given", async () => {
  const target = await newTarget();
  const id = await addLearner(target, A);
  const { header, members } = await target.cluster.memberUpdate({ ID: id, peerURLs: [C, ` ${B}`] });
  expect([header?.revision, members.length]).toEqual([0n, 2]);
  expect(await others(target)).toEqual([`learner  ${C}, ${B} `]);
  const { ID, peerURLs } = await own(target);
  await expectError(target.cluster.memberUpdate({ ID: id, peerURLs }), "FAILED_PRECONDITION", URL_EXISTS);
  await expectError(target.cluster.memberUpdate({ ID, peerURLs: [C] }), "FAILED_PRECONDITION", URL_EXISTS);
  await target.cluster.memberUpdate({ ID, peerURLs: [A, "bad"] });
  expect((await own(target)).peerURLs).toEqual([A, "bad"]);
  await target.cluster.memberUpdate({ ID, peerURLs: [] });
  expect((await own(target)).peerURLs).toEqual([]);
});

// At these a real etcd panics.
inProcess("CL5: another member's peer URLs must be some", async () => {
  const target = localTarget();
  const ID = await addLearner(target, A);
  for (const peerURLs of [[], ["bad"], [B, "http://b"]]) {
    await expectError(target.cluster.memberUpdate({ ID, peerURLs }), "INVALID_ARGUMENT", BAD_URLS);
  }
  expect(await others(target)).toEqual([`learner  ${A} `]);
});

test("CL6: nobody can be promoted: no learner keeps up, and the own member is none", async () => {
  const target = await newTarget();
  const id = await addLearner(target, A);
  const { ID } = await own(target);
  const promote = target.cluster.memberPromote;
  await expectError(promote({ ID: id }), "FAILED_PRECONDITION", NOT_IN_SYNC);
  await expectError(promote({ ID }), "FAILED_PRECONDITION", "etcdserver: can only promote a learner member");
});

test("CL6: a voter that does not run is no learner in step either", async () => {
  const target = await newTarget();
  const { member } = await target.cluster.memberAdd({ peerURLs: [A] });
  await expectError(target.cluster.memberPromote({ ID: member?.ID ?? 0n }), "FAILED_PRECONDITION", NOT_IN_SYNC);
});

test("CL7: the leadership moves to the one member, with no header, and to nobody else", async () => {
  const target = await newTarget();
  const { ID } = await own(target);
  expect((await target.maintenance.moveLeader({ targetID: ID })).header).toBeUndefined();
  const learner = await addLearner(target, A);
  for (const targetID of [0n, UNKNOWN_ID, learner]) {
    const moved = target.maintenance.moveLeader({ targetID });
    await expectError(moved, "FAILED_PRECONDITION", "etcdserver: bad leader transferee");
  }
});

// A real etcd says so when the caller's time is up.
inProcess("CL7: the leadership does not move to a voter that does not run", async () => {
  const target = localTarget();
  const { member } = await target.cluster.memberAdd({ peerURLs: [A] });
  const moved = target.maintenance.moveLeader({ targetID: member?.ID ?? 0n });
  await expectError(moved, "UNKNOWN", "etcdserver: request timed out, leader transfer took too long");
});

test("CL8: what goes through consensus counts, be it refused there, and what is refused before does not", async () => {
  const target = await newTarget();
  const index = async () => (await target.maintenance.status({})).raftIndex;
  const start = await index();
  const counted: bigint[] = [];
  const count = async (call: Promise<unknown>): Promise<void> => {
    await call.catch(() => {});
    counted.push((await index()) - start);
  };
  const { ID } = await own(target);
  await count(target.cluster.memberAdd({ peerURLs: ["bad"] }));
  await count(target.cluster.memberAdd({ peerURLs: [A], isLearner: true }));
  await count(target.cluster.memberAdd({ peerURLs: [A], isLearner: true }));
  await count(target.cluster.memberRemove({ ID }));
  await count(target.cluster.memberRemove({ ID: UNKNOWN_ID }));
  await count(target.cluster.memberUpdate({ ID: UNKNOWN_ID, peerURLs: [B] }));
  await count(target.cluster.memberPromote({ ID: UNKNOWN_ID }));
  await count(target.cluster.memberPromote({ ID }));
  await count(target.maintenance.moveLeader({ targetID: ID }));
  await count(target.cluster.memberList({ linearizable: true }));
  expect(counted).toEqual([0n, 1n, 2n, 2n, 3n, 4n, 4n, 5n, 5n, 5n]);
});

inProcess("CL2: an ID is of the URLs and the time, as etcd makes it", async () => {
  const target = localTarget();
  const before = Math.floor(Date.now() / 1000);
  const id = await addLearner(target, B, A);
  const possible: bigint[] = [];
  for (let seconds = before; seconds <= Math.floor(Date.now() / 1000); seconds++) {
    const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${A}${B}${seconds}`));
    possible.push(new DataView(hash).getBigUint64(0));
  }
  expect(possible).toContain(id);
});
