import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { EtcdError, Status } from "../errors.ts";
import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import { type Lock, LockResponseSchema, UnlockResponseSchema } from "../gen/v3lockpb/lock_pb.ts";
import {
  createdAt,
  firstCreated,
  foundBy,
  getOp,
  keyOf,
  prefixOf,
  putOp,
  Recipe,
  type RecipeServices,
  withClientErrors,
} from "./recipe.ts";

/**
 * v3lockpb.Lock: the lock is the key of the lease under the name that was created first.
 *
 * A waiter whose caller goes away, or whose wait fails, takes its key back; etcd does not get so far with auth
 * on, as it forgets who the caller is by then. One whose lease ends waits on for its turn, as in etcd, and only
 * then is told.
 */
export function lockService(services: RecipeServices): ServiceImpl<typeof Lock> {
  return {
    lock: (message, context) =>
      withClientErrors(async () => {
        const recipe = new Recipe(services, context);
        const lease = await recipe.session(message.lease);
        const prefix = prefixOf(message.name);
        const response = create(LockResponseSchema);
        response.key = keyOf(prefix, lease);
        response.header = await acquire(recipe, prefix, response.key, lease);
        return response;
      }),

    unlock: (message, context) =>
      withClientErrors(async () => {
        const response = create(UnlockResponseSchema);
        response.header = (await new Recipe(services, context).delete(message.key)).header;
        return response;
      }),
  };
}

async function acquire(
  recipe: Recipe,
  prefix: Uint8Array,
  key: Uint8Array,
  lease: bigint,
): Promise<ResponseHeader | undefined> {
  const owner = getOp(firstCreated(prefix));
  const put = putOp(key, new Uint8Array(0), lease);
  const entered = await recipe.txn(createdAt(key, 0n), [put, owner], [getOp({ key }), owner]);
  const revision = entered.succeeded ? entered.header?.revision : foundBy(entered, 0)?.createRevision;
  if (revision === undefined || foundBy(entered, 1)?.createRevision === revision) return entered.header;
  const own = await waitForTurn(recipe, prefix, key, revision);
  if (own.kvs.length === 0) throw new EtcdError(Status.UNKNOWN, "mutex: session is expired");
  return own.header;
}

async function waitForTurn(recipe: Recipe, prefix: Uint8Array, key: Uint8Array, revision: bigint) {
  try {
    await recipe.waitForEarlier(prefix, revision - 1n);
    return await recipe.range({ key });
  } catch (error) {
    // What went wrong first is what counts.
    await recipe.delete(key).catch(() => {});
    throw error;
  }
}
