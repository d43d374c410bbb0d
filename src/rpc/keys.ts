import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type Child as ChildMessage,
  ChildSchema,
  type KeyInfo,
  KeyInfoSchema,
  type Keys,
  ListAnchorsResponseSchema,
  ListChildrenResponseSchema,
  ListKeysResponseSchema,
} from "../gen/etcdlite/v1/keys_pb.ts";
import { bytesFromKey, type Child, type Entry, type KeyRange, keyFromBytes, prefixRange } from "../mvcc/index.ts";
import type { Etcd } from "../server/index.ts";
import type { Access } from "./access.ts";
import { checkKey } from "./check.ts";
import { header } from "./header.ts";

const EVERY_KEY: KeyRange = { key: "\0", rangeEnd: "\0" };
const DEFAULT_DELIMITER = "/";
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 10_000;
const MAX_ANCHORS = 100_000;

/** etcdlite.v1.Keys: keys without their values, for trees and long lists, for those who may read them. */
export function keysService(etcd: Etcd, access: Access): ServiceImpl<typeof Keys> {
  const checkRead = (context: HandlerContext, range: KeyRange): void => {
    if (etcd.auth.enabled) etcd.authorization.range(access.caller(context), range);
  };
  return {
    listChildren(message, context) {
      const prefix = keyFromBytes(message.prefix);
      checkRead(context, prefix === "" ? EVERY_KEY : prefixRange(prefix));
      const { children, next } = etcd.store.children({
        prefix,
        delimiter: keyFromBytes(message.delimiter) || DEFAULT_DELIMITER,
        revision: Number(message.revision),
        start: keyFromBytes(message.start),
        limit: limitOf(message.limit),
      });
      const response = create(ListChildrenResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.children = children.map(childMessage);
      response.next = bytesFromKey(next);
      return response;
    },

    listKeys(message, context) {
      const range = rangeOf(message);
      checkRead(context, range);
      const limit = limitOf(message.limit);
      const revision = Number(message.revision);
      const entries = etcd.store.list(range, revision, limit + 1, message.descending);
      const response = create(ListKeysResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.keys = entries.slice(0, limit).map(keyInfo);
      response.more = entries.length > limit;
      if (message.countTotal) response.count = BigInt(etcd.store.count(range, revision));
      return response;
    },

    listAnchors(message, context) {
      const range = rangeOf(message);
      checkRead(context, range);
      const least = Math.max(1, Number(message.step));
      const { keys, step, count } = etcd.store.anchors(range, Number(message.revision), least, MAX_ANCHORS);
      const response = create(ListAnchorsResponseSchema);
      response.header = header(etcd, etcd.store.revision);
      response.anchors = keys.map(bytesFromKey);
      response.count = BigInt(count);
      response.step = BigInt(step);
      return response;
    },
  };
}

/** @throws EtcdError `emptyKey` */
function rangeOf(message: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array }): KeyRange {
  const range = { key: keyFromBytes(message.key), rangeEnd: keyFromBytes(message.rangeEnd) };
  checkKey(range.key);
  return range;
}

function limitOf(limit: bigint): number {
  return limit <= 0n ? DEFAULT_LIMIT : Math.min(Number(limit), MAX_LIMIT);
}

function childMessage({ path, chain, entry }: Child): ChildMessage {
  const message = create(ChildSchema);
  message.path = bytesFromKey(path);
  if (entry !== undefined) {
    message.key = keyInfo(entry);
    return message;
  }
  message.folder = true;
  message.chain = chain === path ? message.path : bytesFromKey(chain);
  return message;
}

function keyInfo(entry: Entry): KeyInfo {
  const message = create(KeyInfoSchema);
  message.key = bytesFromKey(entry.key);
  message.createRevision = BigInt(entry.createRevision);
  message.modRevision = BigInt(entry.modRevision);
  message.version = BigInt(entry.version);
  message.lease = entry.lease;
  message.valueSize = BigInt(entry.value.length);
  return message;
}
