/**
 * Random requests of the Lock and Election services. Their keys lie in a space of their own between "\0" and "L/",
 * see keys.ts. Leases are chosen ones: the keys are made of the lease's ID.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LeaderKeySchema } from "../../src/gen/v3electionpb/election_pb.ts";
import { Election } from "../../src/gen/v3electionpb/election_pb.ts";
import { Lock } from "../../src/gen/v3lockpb/lock_pb.ts";
import { anyLeaseId } from "./generatelease.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call } from "./operation.ts";
import type { Random } from "./random.ts";

const NAMES: readonly string[] = ["E/lock", "E/lock/deep", "E/el", "E/öl"];

function name(random: Random): Uint8Array {
  return Buffer.from(random.pick(NAMES));
}

function keyOf(random: Random): Uint8Array {
  return Buffer.concat([name(random), Buffer.from(`/${anyLeaseId(random).toString(16)}`)]);
}

function value(random: Random): Uint8Array {
  return Buffer.from(random.pick(["", "one", "two", "\xff"]), "latin1");
}

export function lockCall(random: Random, model: Model): Operation {
  const lease = anyLeaseId(random);
  return random.weighted<() => Operation>([
    [22, () => call(Lock.method.lock, { name: name(random), lease })],
    [14, () => call(Lock.method.unlock, { key: random.chance(0.03) ? Buffer.alloc(0) : keyOf(random) })],
    [20, () => call(Election.method.campaign, { name: name(random), lease, value: value(random) })],
    [14, () => call(Election.method.proclaim, { leader: leader(random, model), value: value(random) })],
    [18, () => call(Election.method.leader, { name: name(random) })],
    [10, () => call(Election.method.resign, { leader: leader(random, model) })],
    [1, () => call(Election.method.proclaim, { value: value(random) })],
    [1, () => call(Election.method.resign, {})],
  ])();
}

/** A leader's key as Campaign answered it lately, or something like it. */
function leader(random: Random, model: Model): MessageInitShape<typeof LeaderKeySchema> {
  const known = model.leaders.at(-random.integer(1, 3));
  if (known !== undefined && random.chance(0.8)) return known;
  const rev = BigInt(random.integer(Math.max(1, model.revision - 20), model.revision));
  return { name: name(random), key: keyOf(random), rev, lease: anyLeaseId(random) };
}
