/**
 * Keys of a store, page by page, all at the revision of the first page. A page is held to a number of bytes:
 * Keys.ListKeys tells the sizes beforehand; servers that do not have it are asked for few keys at a time.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import type { KeyInfo } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import { keyAfter, prefixRange } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import type { FormatName, KeyRecord } from "./record.ts";
import { writerFor } from "./write.ts";

export interface ExportRequest {
  readonly prefix: Uint8Array;
  readonly format: FormatName;
  /** Undefined for now. */
  readonly revision: number | undefined;
}

export interface Progress {
  readonly done: number;
  /** Undefined while it is not known. */
  readonly total: number | undefined;
}

/** Where the text goes. */
export interface Sink {
  write(text: string): Promise<void>;
}

const PAGE_BYTES = 4 * 1024 * 1024;
const LISTED_KEYS = 1_000;
/** Without sizes: what a page of the largest values may take is this many times a request's limit. */
const BLIND_KEYS = 24;
const WRITE_CHARACTERS = 1 << 20;

export interface Exported {
  readonly keys: number;
  readonly revision: number;
}

/** @throws ConnectError, the reason of `signal` */
export async function exportRange(
  clients: Clients,
  request: ExportRequest,
  sink: Sink,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Exported> {
  const range = prefixRange(request.prefix);
  const counted = await clients.kv.range(
    { ...range, countOnly: true, revision: BigInt(request.revision ?? 0) },
    { signal },
  );
  const revision = request.revision ?? Number(counted.header?.revision ?? 0n);
  const total = Number(counted.count);
  progress({ done: 0, total });
  const records = pages(clients, range, revision, signal);
  const keys = await writeAll(records, request.format, revision, sink, (done) => progress({ done, total }));
  return { keys, revision };
}

/** Only these keys; those that are gone are left out. */
export async function exportThese(
  clients: Clients,
  keys: readonly Uint8Array[],
  format: FormatName,
  atRevision: number | undefined,
  sink: Sink,
  signal: AbortSignal,
): Promise<Exported> {
  const first = await clients.kv.range({ key: Uint8Array.of(0), countOnly: true }, { signal });
  const revision = atRevision ?? Number(first.header?.revision ?? 0n);
  async function* each(): AsyncGenerator<readonly KeyValue[]> {
    for (const key of keys) yield (await clients.kv.range({ key, revision: BigInt(revision) }, { signal })).kvs;
  }
  return { keys: await writeAll(each(), format, revision, sink, () => {}), revision };
}

async function writeAll(
  records: AsyncGenerator<readonly KeyValue[]>,
  format: FormatName,
  revision: number,
  sink: Sink,
  progress: (done: number) => void,
): Promise<number> {
  const writer = writerFor(format, { revision });
  let text = writer.head;
  let done = 0;
  for await (const page of records) {
    for (const kv of page) {
      text += writer.record(recordOf(kv), done === 0);
      done++;
      if (text.length < WRITE_CHARACTERS) continue;
      await sink.write(text);
      text = "";
    }
    progress(done);
  }
  await sink.write(text + writer.foot);
  return done;
}

function recordOf({ key, value, createRevision, modRevision, version, lease }: KeyValue): KeyRecord {
  const numbers = {
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    version: Number(version),
  };
  return { key, value, meta: { ...numbers, lease } };
}

interface Range {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

async function* pages(
  clients: Clients,
  range: Range,
  revision: number,
  signal: AbortSignal,
): AsyncGenerator<readonly KeyValue[]> {
  const at = BigInt(revision);
  let start: Uint8Array | undefined = range.key;
  while (start !== undefined) {
    const listed = await sizes(clients, { ...range, key: start }, at, signal);
    if (listed === undefined) {
      yield* blindPages(clients, { ...range, key: start }, at, signal);
      return;
    }
    for (const { keys } of batches(listed.keys)) {
      const last = keys.at(-1);
      const first = keys[0];
      if (first === undefined || last === undefined) continue;
      const page = await clients.kv.range({ key: first.key, rangeEnd: keyAfter(last.key), revision: at }, { signal });
      yield page.kvs;
    }
    const last = listed.keys.at(-1);
    start = listed.more && last !== undefined ? keyAfter(last.key) : undefined;
  }
}

/** Undefined where the server cannot tell. */
async function sizes(
  clients: Clients,
  range: Range,
  revision: bigint,
  signal: AbortSignal,
): Promise<{ readonly keys: readonly KeyInfo[]; readonly more: boolean } | undefined> {
  try {
    return await clients.keys.listKeys({ ...range, revision, limit: BigInt(LISTED_KEYS) }, { signal });
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unimplemented) return undefined;
    throw error;
  }
}

/** Neighbours that fit a page together. */
function* batches(keys: readonly KeyInfo[]): Generator<{ readonly keys: readonly KeyInfo[] }> {
  let batch: KeyInfo[] = [];
  let bytes = 0;
  for (const info of keys) {
    const size = info.key.length + Number(info.valueSize);
    if (batch.length > 0 && bytes + size > PAGE_BYTES) {
      yield { keys: batch };
      batch = [];
      bytes = 0;
    }
    batch.push(info);
    bytes += size;
  }
  yield { keys: batch };
}

async function* blindPages(
  clients: Clients,
  range: Range,
  revision: bigint,
  signal: AbortSignal,
): AsyncGenerator<readonly KeyValue[]> {
  let { key } = range;
  for (;;) {
    const page = await clients.kv.range({ ...range, key, revision, limit: BigInt(BLIND_KEYS) }, { signal });
    yield page.kvs;
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return;
    key = keyAfter(last.key);
  }
}
