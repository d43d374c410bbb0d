/**
 * Lock and Campaign wait until the keys before theirs are gone. So that none waits for ever, these keys are
 * deleted once the request has put its own: the waiting itself is compared, and ends.
 */
import { create } from "@bufbuild/protobuf";
import type { DeleteRangeResponse, RangeResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import {
  DeleteRangeRequestSchema,
  KV,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeRequestSchema,
} from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { CampaignRequest, ProclaimRequest, ResignRequest } from "../../src/gen/v3electionpb/election_pb.ts";
import { Election } from "../../src/gen/v3electionpb/election_pb.ts";
import { Lock, type LockRequest } from "../../src/gen/v3lockpb/lock_pb.ts";
import { ADMIN } from "./credential.ts";
import { prefixEnd } from "./keys.ts";
import type { CallOperation, HttpOperation } from "./operation.ts";
import type { Answer, Side } from "./side.ts";
import type { WatchConnection } from "./watchconnection.ts";

const WAIT_TIMEOUT_MS = 10_000;

export function mayWait({ method }: CallOperation): boolean {
  return method === Lock.method.lock || method === Election.method.campaign;
}

/** Made of several steps, any of which may fail after another has written. */
export function isOfSession({ method }: CallOperation): boolean {
  return method.parent === Lock || method.parent === Election;
}

/** The lease that the request's session asks to keep alive. */
export function sessionLease({ method, request }: CallOperation): bigint | undefined {
  if (method === Lock.method.lock || method === Election.method.campaign) {
    return (request as LockRequest | CampaignRequest).lease;
  }
  if (method === Election.method.proclaim || method === Election.method.resign) {
    return (request as ProclaimRequest | ResignRequest).leader?.lease;
  }
  return undefined;
}

/** Performs it on every side, and makes way for it. */
export async function acquire(
  sides: readonly Side[],
  operation: CallOperation | HttpOperation,
  { request }: CallOperation,
): Promise<readonly Answer[]> {
  const { name, lease } = request as LockRequest | CampaignRequest;
  const prefix = Buffer.concat([name, Buffer.from("/")]);
  const own = Buffer.concat([prefix, Buffer.from(hex(lease))]);
  const { keys, revision: before } = await keysUnder(sides[0] as Side, prefix);
  const others = keys.filter((key) => Buffer.compare(key, own) !== 0);
  // With a key of its own there already, no event would tell that it waits.
  const mustWait = others.length > 0 && others.length === keys.length;
  if (mustWait) await Promise.all(sides.map(({ audit }) => until(audit, before)));
  const released = mustWait ? 0 : await release(sides, others);
  const answers = sides.map((side) => side.answer(operation));
  if (mustWait) {
    await Promise.all(sides.map(({ audit }, index) => Promise.race([answers[index], until(audit, before + 1)])));
  }
  const revision = Math.max(released, mustWait ? await release(sides, others) : 0);
  const done = await Promise.all(answers);
  return done.map((answer) => ({ ...answer, revision: Math.max(answer.revision, revision) }));
}

function until(audit: WatchConnection, revision: number): Promise<boolean> {
  return audit.until(() => audit.lastRevision(0n) >= revision, WAIT_TIMEOUT_MS);
}

/** Go's %x of an int64. */
function hex(lease: bigint): string {
  return lease.toString(16);
}

/** Oldest first, and the revision of the store. */
async function keysUnder(side: Side, prefix: Uint8Array): Promise<{ keys: Uint8Array[]; revision: number }> {
  const request = create(RangeRequestSchema, {
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    sortOrder: RangeRequest_SortOrder.ASCEND,
    sortTarget: RangeRequest_SortTarget.CREATE,
  });
  const { replies } = await side.call(KV.method.range, request, ADMIN);
  const { kvs = [], header } = (replies[0] ?? {}) as Partial<RangeResponse>;
  return { keys: kvs.map(({ key }) => key), revision: Number(header?.revision ?? 0n) };
}

/** The newest last: that is the one which is waited for first, so no wait ends before the last is gone. */
async function release(sides: readonly Side[], keys: readonly Uint8Array[]): Promise<number> {
  let revision = 0;
  for (const key of keys) {
    const request = create(DeleteRangeRequestSchema, { key });
    const outcomes = await Promise.all(sides.map((side) => side.call(KV.method.deleteRange, request, ADMIN)));
    const [reply] = (outcomes[0]?.replies ?? []) as DeleteRangeResponse[];
    revision = Number(reply?.header?.revision ?? revision);
  }
  return revision;
}
