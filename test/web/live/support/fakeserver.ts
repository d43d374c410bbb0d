/** An etcd's Watch, as far as a watcher sees it, that fails when it is told to. */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type WatchCreateRequest,
  type WatchResponse,
  WatchResponseSchema,
} from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { Event_EventType, EventSchema } from "../../../../src/gen/mvccpb/kv_pb.ts";
import type { OpenWatchStream } from "../../../../web/src/live/watchstream.ts";
import { compareBytes, equalBytes, utf8 } from "../../../../web/src/store/bytes.ts";

export interface Fault {
  /** Responses until the stream ends. */
  readonly after: number;
  readonly how: "unavailable" | "internal" | "end" | "cancel";
  /** Revisions before the one asked for that are sent again. */
  readonly repeat: number;
}

interface Revision {
  readonly revision: number;
  readonly keys: readonly string[];
}

export class FakeServer {
  revision = 1;
  memberId = 1n;
  /** How far the member that answers is behind. */
  lagBy = 0;
  refuse: ConnectError | undefined;
  readonly requests: WatchCreateRequest[] = [];
  openStreams = 0;
  readonly #faults: Fault[];
  #history: Revision[] = [];
  #compacted = 0;
  #progress = 0;
  /** Counts what ends all streams. */
  #epoch = 0;
  #wake: Array<() => void> = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = [...faults];
  }

  /** Puts so many keys in one revision, so many times. */
  write(size: number, times = 1): void {
    for (let time = 0; time < times; time++) {
      this.revision++;
      this.#history.push({ revision: this.revision, keys: Array.from({ length: size }, (_, at) => `k${at}`) });
    }
    this.#notify();
  }

  progress(): void {
    this.#progress++;
    this.#notify();
  }

  compact(revision: number): void {
    this.#compacted = revision;
    this.#history = this.#history.filter((one) => one.revision >= revision);
    this.#notify();
  }

  disconnect(): void {
    this.#epoch++;
    this.#notify();
  }

  /** Begins again with nothing, as a server without a data directory. */
  forget(): void {
    this.#history = [];
    this.revision = 1;
    this.disconnect();
  }

  /** What a watch from a revision is to tell, `revision:key` each. */
  written(fromRevision: number): string[] {
    return this.#history
      .filter(({ revision }) => revision >= fromRevision)
      .flatMap(({ revision, keys }) => keys.map((key) => `${revision}:${key}`));
  }

  readonly open: OpenWatchStream = (request, signal) => {
    this.requests.push(request);
    return this.#stream(request, signal, this.#faults.shift());
  };

  async *#stream(request: WatchCreateRequest, signal: AbortSignal, fault?: Fault): AsyncGenerator<WatchResponse> {
    if (this.refuse !== undefined) throw this.refuse;
    this.openStreams++;
    let sent = 0;
    try {
      for await (const response of this.#responses(request, signal, fault?.repeat ?? 0)) {
        if (fault !== undefined && sent++ >= fault.after) {
          if (fault.how === "end") return;
          if (fault.how === "cancel") {
            yield create(WatchResponseSchema, { canceled: true, cancelReason: "etcdserver: no leader" });
            return;
          }
          throw new ConnectError("gone", fault.how === "internal" ? Code.Internal : Code.Unavailable);
        }
        yield response;
      }
    } finally {
      this.openStreams--;
    }
  }

  async *#responses(request: WatchCreateRequest, signal: AbortSignal, repeat: number): AsyncGenerator<WatchResponse> {
    const epoch = this.#epoch;
    let progress = this.#progress;
    const start = Number(request.startRevision);
    yield this.#response({ created: true });
    if (start > 0 && start < this.#compacted) {
      yield this.#response({ canceled: true, compactRevision: BigInt(this.#compacted) });
      return;
    }
    let next = start === 0 ? this.revision + 1 : Math.max(1, start - repeat);
    for (;;) {
      if (signal.aborted) return;
      if (epoch !== this.#epoch) throw new ConnectError("connection reset", Code.Unavailable);
      const due = this.#history.filter(({ revision }) => revision >= next).slice(0, 3);
      const last = due.at(-1);
      if (last !== undefined) {
        next = last.revision + 1;
        const response = this.#events(due, request);
        if (response.events.length > 0) yield response;
      } else if (progress !== this.#progress) {
        progress = this.#progress;
        yield this.#response({});
      } else {
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
          signal.addEventListener("abort", () => resolve());
        });
      }
    }
  }

  #events(due: readonly Revision[], request: WatchCreateRequest): WatchResponse {
    const response = this.#response({});
    for (const { revision, keys } of due) {
      const modRevision = BigInt(revision);
      for (const key of keys.map(utf8).filter((one) => isIn(one, request))) {
        const kv = { key, modRevision, createRevision: modRevision, version: 1n };
        response.events.push(create(EventSchema, { type: Event_EventType.PUT, kv }));
      }
    }
    return response;
  }

  #response(fields: { created?: boolean; canceled?: boolean; compactRevision?: bigint }): WatchResponse {
    const header = { clusterId: 1n, memberId: this.memberId, revision: BigInt(this.revision - this.lagBy) };
    return create(WatchResponseSchema, { header, ...fields });
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function isIn(key: Uint8Array, { key: first, rangeEnd }: WatchCreateRequest): boolean {
  if (rangeEnd.length === 0) return equalBytes(key, first);
  return compareBytes(key, first) >= 0 && (equalBytes(rangeEnd, Uint8Array.of(0)) || compareBytes(key, rangeEnd) < 0);
}
