import { create } from "@bufbuild/protobuf";
import { type RangeStreamResponse, RangeStreamResponseSchema } from "../gen/etcdserverpb/kv_pb.ts";
import {
  EMPTY_BYTES,
  type Entry,
  keyValueSize,
  type Projection,
  type RangeRequest,
  type RangeResponse,
  StoredEntry,
  varintSize,
} from "../mvcc/index.ts";
import type { Caller, Etcd } from "../server/index.ts";
import { header } from "./header.ts";
import { rangeMessage } from "./responses.ts";

const FIRST_CHUNK_KEYS = 10;

/**
 * Reads a range in chunks at one revision, the newest when the stream begins unless the request names one.
 * A chunk is read when the client has room for it. Header, more and count come with the last (rule KV12).
 *
 * @param begin called before anything is read: checks the request, and says who calls
 * @throws EtcdError `compacted` also midway, `futureRevision`, in the end `authOldRevision`, and what `begin` throws
 */
export async function* rangeChunks(
  etcd: Etcd,
  request: RangeRequest,
  begin: () => Caller | undefined,
): AsyncGenerator<RangeStreamResponse> {
  const caller = begin();
  etcd.auth.checkRead(caller, request.key, request.rangeEnd);
  yield* request.countOnly ? count(etcd, request) : chunks(etcd, request);
  etcd.authorization.unchanged(caller);
}

function* count(etcd: Etcd, request: RangeRequest): Generator<RangeStreamResponse> {
  const { revision, count } = etcd.store.range(request);
  yield chunk(etcd, { revision, entries: [], projection: "whole", count, more: false }, true);
}

function* chunks(etcd: Etcd, request: RangeRequest): Generator<RangeStreamResponse> {
  // A negative limit makes etcd's first chunk the whole range.
  const limit = request.limit === 0 ? Number.POSITIVE_INFINITY : request.limit;
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
    chunkKeys = Math.min(nextChunkKeys(chunkKeys, bytesOf(response), etcd.options.maxRequestBytes), limit - sent);
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

/** The chunk's size as etcd tells it: of the reply with header.revision, more and count in it. */
function bytesOf({ revision, entries, projection, more, count }: RangeResponse): number {
  const revisionBytes = 1 + varintSize(revision);
  const frameBytes = 2 + revisionBytes + (more ? 2 : 0) + (count === 0 ? 0 : 1 + varintSize(count));
  return entries.reduce((bytes, entry) => {
    const size =
      entry instanceof StoredEntry && projection === "whole"
        ? entry.keyValueSize
        : keyValueSize(projected(entry, projection));
    return bytes + 1 + varintSize(size) + size;
  }, frameBytes);
}

function projected(entry: Entry, projection: Projection): Entry {
  if (projection === "whole") return entry;
  const { key, createRevision, modRevision, subRevision, version, tombstone } = entry;
  const lease = projection === "withoutValue" ? entry.lease : 0n;
  return { key, value: EMPTY_BYTES, createRevision, modRevision, subRevision, version, lease, tombstone };
}

/** Twice as many while a chunk is under half the target, half as many once one is over twice the target. */
function nextChunkKeys(keys: number, bytes: number, targetBytes: number): number {
  if (bytes < targetBytes / 2) return keys * 2;
  if (bytes > targetBytes * 2) return Math.max(1, Math.floor(keys / 2));
  return keys;
}
