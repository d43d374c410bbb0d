/**
 * Many watchers on one stream: it covers the ranges of all of them, and each is told of its own keys from its own
 * position on. A watcher that joins, or a compaction that ends some, has the stream opened again at the least
 * position. What ends the stream ends it for all: each resumes by itself. A user who may not read all of what
 * lies between the ranges gets a stream for each.
 */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type WatchCreateRequest,
  WatchCreateRequestSchema,
  type WatchResponse,
} from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { compareBytes, keyAfter } from "../store/bytes.ts";
import type { OpenWatchStream } from "./watchstream.ts";

interface Reader {
  readonly request: WatchCreateRequest;
  /** The first revision that it was not told of; 0 for what comes after now. */
  next: number;
  isCreated: boolean;
  readonly queue: WatchResponse[];
  /** Why nothing follows what is in the queue. */
  failure: ConnectError | undefined;
  wake: () => void;
}

export class MergedStream {
  readonly #open: OpenWatchStream;
  readonly #readers = new Set<Reader>();
  #abort: AbortController | undefined;

  constructor(open: OpenWatchStream) {
    this.#open = open;
  }

  async *join(request: WatchCreateRequest, signal: AbortSignal): AsyncGenerator<WatchResponse> {
    const next = Number(request.startRevision);
    const reader: Reader = { request, next, isCreated: false, queue: [], failure: undefined, wake: () => undefined };
    const wake = (): void => reader.wake();
    signal.addEventListener("abort", wake);
    this.#readers.add(reader);
    this.#reopen();
    try {
      while (!signal.aborted) {
        const response = reader.queue.shift();
        if (response !== undefined) yield response;
        else if (reader.failure?.code === Code.PermissionDenied) {
          yield* this.#open({ ...request, startRevision: BigInt(reader.next) }, signal);
          return;
        } else if (reader.failure !== undefined) throw reader.failure;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#abort?.abort();
    }
  }

  #reopen(): void {
    this.#abort?.abort();
    this.#abort = new AbortController();
    void this.#run(this.#abort.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failure = new ConnectError("the stream ended", Code.Unavailable);
    try {
      for await (const response of this.#open(coveringRequest([...this.#readers]), signal)) {
        if (signal.aborted) return;
        this.#take(response);
        if (signal.aborted) return;
      }
    } catch (error) {
      failure = ConnectError.from(error);
    }
    if (!signal.aborted) for (const reader of [...this.#readers]) this.#end(reader, failure);
  }

  #take(response: WatchResponse): void {
    if (response.canceled) this.#canceled(response);
    else if (response.created) for (const reader of this.#readers) created(reader, response);
    else for (const reader of this.#readers) tell(reader, response);
  }

  /** A compaction takes only those whose position is gone. */
  #canceled(response: WatchResponse): void {
    const compacted = Number(response.compactRevision);
    for (const reader of [...this.#readers]) {
      if (compacted > 0 && (reader.next === 0 || reader.next >= compacted)) continue;
      reader.queue.push(response);
      this.#end(reader, new ConnectError("the stream ended", Code.Unavailable));
    }
    if (this.#readers.size > 0) this.#reopen();
    else this.#abort?.abort();
  }

  #end(reader: Reader, failure: ConnectError): void {
    this.#readers.delete(reader);
    reader.failure = failure;
    reader.wake();
  }
}

function created(reader: Reader, response: WatchResponse): void {
  if (reader.next === 0) reader.next = revisionOf(response) + 1;
  if (reader.isCreated) return;
  reader.isCreated = true;
  reader.queue.push(response);
  reader.wake();
}

function tell(reader: Reader, response: WatchResponse): void {
  const last = response.events.at(-1)?.kv;
  const { next } = reader;
  reader.next = Math.max(next, (last === undefined ? revisionOf(response) : Number(last.modRevision)) + 1);
  const events = response.events.filter(
    ({ kv }) => kv !== undefined && Number(kv.modRevision) >= next && isIn(kv.key, reader.request),
  );
  // Nothing of it is the reader's, but it is a sign of life, and only what says that all was sent is without events.
  if (last !== undefined && events.length === 0) return;
  reader.queue.push({ ...response, events });
  reader.wake();
}

function revisionOf({ header }: WatchResponse): number {
  return Number(header?.revision ?? 0n);
}

const OPEN_END = Uint8Array.of(0);

function isOpenEnd(end: Uint8Array): boolean {
  return compareBytes(end, OPEN_END) === 0;
}

function isIn(key: Uint8Array, { key: first, rangeEnd }: WatchCreateRequest): boolean {
  if (rangeEnd.length === 0) return compareBytes(key, first) === 0;
  return compareBytes(key, first) >= 0 && (isOpenEnd(rangeEnd) || compareBytes(key, rangeEnd) < 0);
}

function coveringRequest(readers: readonly Reader[]): WatchCreateRequest {
  const requests = readers.map(({ request }) => request);
  const keys = requests.map(({ key }) => key).sort(compareBytes);
  const ends = requests.map(({ key, rangeEnd }) => (rangeEnd.length === 0 ? keyAfter(key) : rangeEnd));
  const positions = readers.map(({ next }) => next).filter((next) => next > 0);
  return create(WatchCreateRequestSchema, {
    key: keys[0],
    rangeEnd: ends.some(isOpenEnd) ? OPEN_END : ends.sort(compareBytes).at(-1),
    startRevision: BigInt(positions.length === 0 ? 0 : Math.min(...positions)),
    prevKv: requests.some(({ prevKv }) => prevKv),
    progressNotify: true,
  });
}
