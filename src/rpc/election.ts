import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { EtcdError, Status } from "../errors.ts";
import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import { Event_EventType, type KeyValue } from "../gen/mvccpb/kv_pb.ts";
import {
  type CampaignRequest,
  CampaignResponseSchema,
  type Election,
  type LeaderKey,
  LeaderKeySchema,
  type LeaderResponse,
  LeaderResponseSchema,
  ProclaimResponseSchema,
  ResignResponseSchema,
} from "../gen/v3electionpb/election_pb.ts";
import {
  createdAt,
  deleteOp,
  foundBy,
  getOp,
  keyOf,
  prefixOf,
  putOp,
  Recipe,
  type RecipeServices,
  underPrefix,
  withClientErrors,
} from "./recipe.ts";

/**
 * v3electionpb.Election: the leader is the key of the lease under the name that was created first, its value what
 * it proclaimed.
 *
 * As in etcd, a reply to Campaign has the header of the candidacy and not of the election, and a candidate whose
 * lease ended while it waited is told it leads; what it does next with its LeaderKey fails.
 */
export function electionService(services: RecipeServices): ServiceImpl<typeof Election> {
  const recipeFor = (context: HandlerContext): Recipe => new Recipe(services, context);
  return {
    campaign: (message, context) => withClientErrors(() => campaign(recipeFor(context), message, context.signal)),

    proclaim: (message, context) =>
      withClientErrors(async () => {
        const leader = givenLeader(message.leader);
        const recipe = recipeFor(context);
        const lease = await recipe.session(leader.lease);
        const response = create(ProclaimResponseSchema);
        response.header = await proclaim(recipe, { ...leader, lease }, message.value);
        return response;
      }),

    leader: (message, context) =>
      withClientErrors(async () => {
        const { header, kvs } = await recipeFor(context).first(prefixOf(message.name));
        if (kvs[0] === undefined) throw new EtcdError(Status.UNKNOWN, "election: no leader");
        return leaderMessage(header, kvs[0]);
      }),

    observe: (message, context) => observe(recipeFor(context), prefixOf(message.name)),

    resign: (message, context) =>
      withClientErrors(async () => {
        const leader = givenLeader(message.leader);
        const recipe = recipeFor(context);
        await recipe.session(leader.lease);
        const response = create(ResignResponseSchema);
        response.header = await resign(recipe, leader);
        return response;
      }),
  };
}

async function campaign(recipe: Recipe, message: CampaignRequest, signal: AbortSignal) {
  const { name, value } = message;
  const lease = await recipe.session(message.lease);
  const prefix = prefixOf(name);
  const key = keyOf(prefix, lease);
  const entered = await recipe.txn(createdAt(key, 0n), [putOp(key, value, lease)], [getOp({ key })]);
  const former = foundBy(entered, 0);
  const rev = former?.createRevision ?? entered.header?.revision ?? 0n;
  const leader = create(LeaderKeySchema, { name, key, rev, lease });
  if (former !== undefined && !equal(former.value, value)) await replaceValue(recipe, leader, value);
  try {
    await recipe.waitForEarlier(prefix, rev - 1n);
  } catch (error) {
    if (signal.aborted) await resign(recipe, leader).catch(() => {});
    throw error;
  }
  const response = create(CampaignResponseSchema);
  response.header = entered.header;
  response.leader = leader;
  return response;
}

async function replaceValue(recipe: Recipe, leader: LeaderKey, value: Uint8Array): Promise<void> {
  try {
    await proclaim(recipe, leader, value);
  } catch (error) {
    await resign(recipe, leader).catch(() => {});
    throw error;
  }
}

async function proclaim(
  recipe: Recipe,
  { key, rev, lease }: Pick<LeaderKey, "key" | "rev" | "lease">,
  value: Uint8Array,
): Promise<ResponseHeader | undefined> {
  const { succeeded, header } = await recipe.txn(createdAt(key, rev), [putOp(key, value, lease)]);
  if (!succeeded) throw new EtcdError(Status.UNKNOWN, "election: not leader");
  return header;
}

async function resign(recipe: Recipe, { key, rev }: LeaderKey): Promise<ResponseHeader | undefined> {
  return (await recipe.txn(createdAt(key, rev), [deleteOp(key)])).header;
}

/** Each leader, and each value that it proclaims from then on. What etcd cannot read any more ends it, in peace. */
async function* observe(recipe: Recipe, prefix: Uint8Array): AsyncGenerator<LeaderResponse> {
  for (;;) {
    const leader = await nextLeader(recipe, prefix);
    if (leader?.kv === undefined) return;
    yield leader;
    let isGone = false;
    const startRevision = (leader.header?.revision ?? 0n) + 1n;
    for await (const { header, events } of recipe.watch({ key: leader.kv.key, startRevision })) {
      for (const { type, kv } of events) {
        isGone = type === Event_EventType.DELETE;
        if (isGone) break;
        if (kv !== undefined) yield leaderMessage(header, kv);
      }
      if (isGone) break;
    }
    if (!isGone) return;
  }
}

/** The one there is, or else the first key that is put; undefined where neither can be read. */
async function nextLeader(recipe: Recipe, prefix: Uint8Array): Promise<LeaderResponse | undefined> {
  const first = await recipe.first(prefix).catch((error: unknown) => {
    if (error instanceof EtcdError && error.status !== Status.UNAVAILABLE) return undefined;
    throw error;
  });
  if (first === undefined) return undefined;
  if (first.kvs[0] !== undefined) return leaderMessage(first.header, first.kvs[0]);
  const startRevision = first.header?.revision ?? 0n;
  for await (const { header, events } of recipe.watch({ ...underPrefix(prefix), startRevision })) {
    const kv = events.find(({ type }) => type === Event_EventType.PUT)?.kv;
    if (header === undefined || kv === undefined) continue;
    // The response may be of later revisions too.
    header.revision = kv.modRevision;
    return leaderMessage(header, kv);
  }
  return undefined;
}

function leaderMessage(header: ResponseHeader | undefined, kv: KeyValue): LeaderResponse {
  const message = create(LeaderResponseSchema);
  message.header = header;
  message.kv = kv;
  return message;
}

function givenLeader(leader: LeaderKey | undefined): LeaderKey {
  if (leader === undefined) throw new EtcdError(Status.UNKNOWN, '"leader" field must be provided');
  return leader;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
