import { create } from "@bufbuild/protobuf";
import { type RangeStreamResponse, RangeStreamResponseSchema } from "../gen/etcdserverpb/kv_pb.ts";
import { type Entry, keyValueSize, type RangeRequest, type RangeResponse } from "../mvcc/index.ts";
import type { Etcd } from "../server/index.ts";
import { header } from "./header.ts";
import { rangeMessage } from "./responses.ts";

const FIRST_CHUNK_KEYS = 10;

/**
 * Reads a range in chunks at one revision, the newest when the stream begins unless the request names one.
 * A chunk is read when the client has room for it. Header, more and count come with the last (rule KV12).
 *
 * @param check called before anything is read
 * @throws EtcdError `compacted` also midway, `futureRevision`, and what `check` throws
 */
export async function* rangeChunks(
  etcd: Etcd,
  request: RangeRequest,
  check: () => void,
): AsyncGenerator<RangeStreamResponse> {
  check();
  if (request.countOnly) {
    const { revision, count } = etcd.range(request);
    yield chunk(etcd, { revision, entries: [], projection: "whole", count, more: false }, true);
    return;
  }
  const limit = request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  const headerRevision = etcd.store.revision;
  const revision = request.revision === 0 ? headerRevision : request.revision;
  let sent = 0;
  let chunkKeys = Math.min(FIRST_CHUNK_KEYS, limit);
  let { key } = request;
  for (;;) {
    const response = etcd.store.chunk({ ...request, key, revision, limit: chunkKeys });
    const { entries, more } = response;
    sent += entries.length;
    if (more) key = `${entries[entries.length - 1]?.key}\0`;
    const last = !more || sent === limit;
    const rest = last && more ? etcd.store.count({ key, rangeEnd: request.rangeEnd }, revision) : 0;
    yield chunk(etcd, { ...response, revision: headerRevision, count: sent + rest }, last);
    if (last) return;
    chunkKeys = Math.min(nextChunkKeys(chunkKeys, bytesOf(entries), etcd.options.maxRequestBytes), limit - sent);
  }
}

function chunk(etcd: Etcd, response: RangeResponse, last: boolean): RangeStreamResponse {
  const message = create(RangeStreamResponseSchema);
  message.rangeResponse = rangeMessage(response, header(etcd, response.revision));
  if (!last) {
    message.rangeResponse.header = undefined;
    message.rangeResponse.more = false;
    message.rangeResponse.count = 0n;
  }
  return message;
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((bytes, entry) => bytes + keyValueSize(entry), 0);
}

/** Twice as many while a chunk is under half the target, half as many once one is over twice the target. */
function nextChunkKeys(keys: number, bytes: number, targetBytes: number): number {
  if (bytes < targetBytes / 2) return keys * 2;
  if (bytes > targetBytes * 2) return Math.max(1, Math.floor(keys / 2));
  return keys;
}
