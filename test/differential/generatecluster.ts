/**
 * Random requests of the Cluster service, MoveLeader, Downgrade and Health, as far as they leave a cluster of one
 * alive: a voting member that was added and never starts would end it, so only learners are added, and voting
 * ones where the request must fail.
 */
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { DowngradeRequest_DowngradeAction, Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { FIRST_ADDED_ID, OWN_ID, OWN_PEER_URL } from "./identity.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call } from "./operation.ts";
import type { Random } from "./random.ts";

const { method } = Cluster;
const { VALIDATE, ENABLE, CANCEL } = DowngradeRequest_DowngradeAction;
const UNKNOWN_ID = 4711n;
/** Nothing listens there. */
const LEARNER_URLS: readonly string[] = ["http://127.0.0.1:1", " http://127.0.0.1:2 "];
const BAD_URLS: readonly (readonly string[])[] = [
  [],
  [""],
  ["127.0.0.1:1"],
  ["http://127.0.0.1"],
  ["ftp://127.0.0.1:1"],
  ["http://127.0.0.1:1/path"],
  ["http://example.org:1", "nonsense"],
  ["unix://socket:1", "x\u0001y"],
];

/** Members that have been added so far have the IDs from FIRST_ADDED_ID on. */
function memberId(random: Random, model: Model): bigint {
  const { addedCount } = model;
  const newest = FIRST_ADDED_ID + BigInt(addedCount - 1);
  return random.weighted([
    [30, OWN_ID],
    [addedCount > 0 ? 40 : 0, newest],
    [addedCount > 1 ? 10 : 0, FIRST_ADDED_ID + BigInt(random.integer(0, Math.max(0, addedCount - 1)))],
    [10, UNKNOWN_ID],
    [2, 0n],
  ]);
}

export function clusterCall(random: Random, model: Model): Operation {
  const ID = memberId(random, model);
  return random.weighted<() => Operation>([
    [20, () => call(method.memberList, { linearizable: random.chance(0.5) })],
    [10, () => call(method.memberAdd, { peerURLs: [...badUrls(random)], isLearner: random.chance(0.5) })],
    [5, () => call(method.memberAdd, { peerURLs: [OWN_PEER_URL], isLearner: true })],
    [8, () => call(method.memberPromote, { ID })],
    // Its own member cannot be removed; learners are removed at the end of their time, see learner().
    [7, () => call(method.memberRemove, { ID: random.pick([OWN_ID, UNKNOWN_ID, 0n]) })],
    [8, () => memberUpdate(random, ID)],
    [10, () => call(Maintenance.method.moveLeader, { targetID: ID })],
    [12, () => downgrade(random)],
    [4, () => call(Health.method.list, {})],
    [9, () => call(Health.method.check, {})],
    [3, () => call(Health.method.check, { service: "etcdserverpb.KV" })],
  ])();
}

function badUrls(random: Random): readonly string[] {
  return random.pick(BAD_URLS);
}

function memberUpdate(random: Random, ID: bigint): Operation {
  const peerURLs = random.weighted<readonly string[]>([
    [4, [OWN_PEER_URL]],
    [2, [OWN_PEER_URL, "http://127.0.0.1:3"]],
    [2, ["http://127.0.0.1:4"]],
    // Bad ones of another member than its own make etcd panic.
    [ID < FIRST_ADDED_ID ? 2 : 0, badUrls(random)],
  ]);
  // The own member keeps its URL, whatever else it is given: adding another member with it must go on failing.
  const kept = ID === OWN_ID && !peerURLs.includes(OWN_PEER_URL) ? [OWN_PEER_URL] : [];
  return call(method.memberUpdate, { ID, peerURLs: [...kept, ...peerURLs] });
}

function downgrade(random: Random): Operation {
  const version = random.pick(["3.6", "3.6.0", "3.6.5", "v3.6.0", "3.7.0", "3.5.0", "3.8.0", "4.0.0", "", "x", "3"]);
  return random.weighted<() => Operation>([
    [6, () => call(Maintenance.method.downgrade, { action: VALIDATE, version })],
    [2, () => call(Maintenance.method.downgrade, { action: ENABLE, version: wrongTarget(random) })],
    [2, () => call(Maintenance.method.downgrade, { action: CANCEL, version })],
    [1, () => call(Maintenance.method.downgrade, { action: 7 as DowngradeRequest_DowngradeAction, version })],
  ])();
}

function wrongTarget(random: Random): string {
  return random.pick(["3.7.0", "3.5.0", "3.8.0", "", "x"]);
}

/** A learner that comes, and after `count` operations goes. */
export function learner(random: Random, model: Model): { start: Operation; end: () => Operation; count: number } {
  const peerURLs = random.chance(0.7) ? [random.pick(LEARNER_URLS)] : [...LEARNER_URLS];
  return {
    start: call(method.memberAdd, { peerURLs, isLearner: true }),
    end: () => call(method.memberRemove, { ID: FIRST_ADDED_ID + BigInt(model.addedCount - 1) }),
    count: random.integer(3, 40),
  };
}

/** A downgrade that is begun, takes effect on the cluster's version, and is given up. */
export function downgradeAndBack(random: Random): Operation[] {
  const enable = call(Maintenance.method.downgrade, {
    action: ENABLE,
    version: random.pick(["3.6.0", "3.6", "3.6.2"]),
  });
  const status = call(Maintenance.method.status, {});
  return [
    enable,
    { kind: "storage", version: "3.6.0" },
    status,
    enable,
    call(Maintenance.method.downgrade, { action: VALIDATE, version: random.pick(["3.6.0", "3.5.0"]) }),
    call(Maintenance.method.downgrade, { action: CANCEL }),
    { kind: "storage", version: "3.7.0" },
    status,
    call(Maintenance.method.downgrade, { action: CANCEL }),
  ];
}
