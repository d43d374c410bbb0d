/**
 * A watch that goes on through whatever ends its stream: events in order, none left out, none twice.
 *
 * Its position is the next revision it needs: one more than that of the last event, and than the revision of a
 * response that says that everything up to it was sent. A stream that ends is opened again at the position,
 * and what a server sends from before it is dropped. Two things cannot be resumed, and stop the watch:
 *
 *     compacted   the revision at the position is gone; `compactRevision` is the oldest that can be watched
 *     rewound     the server is at an earlier revision than it was: its data is another
 */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { WatchCreateRequestSchema, type WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Event } from "../../../src/gen/mvccpb/kv_pb.ts";
import { Cell } from "../ui/cell.ts";
import type { OpenWatchStream } from "./watchstream.ts";

/** What is watched, as a WatchCreateRequest has it. */
export interface WatchRange {
  readonly key: Uint8Array;
  /** Empty: the one key. */
  readonly rangeEnd: Uint8Array;
}

export type WatchPhase = "stopped" | "connecting" | "live" | "reconnecting" | "compacted" | "rewound" | "failed";

export interface WatchState {
  readonly phase: WatchPhase;
  /** Why it is reconnecting or failed. */
  readonly error: ConnectError | undefined;
  /** The oldest revision that can be watched; 0 unless compacted. */
  readonly compactRevision: number;
}

export interface WatchListener {
  /** Some response came: events, progress or the created one. */
  readonly onResponse?: () => void;
  /** The watcher is there: all changes after `revision` follow. Not told of when a stream is resumed. */
  readonly onStart?: (revision: number) => void;
  readonly onEvents: (events: readonly Event[]) => void;
}

export interface ResumingWatchOptions {
  readonly open: OpenWatchStream;
  readonly range: WatchRange;
  /** The first revision wanted; 0 for changes after now. */
  readonly fromRevision?: number;
  readonly prevKv?: boolean;
  readonly listener: WatchListener;
  /** From 0 up to 1: spreads the retries of many pages. */
  readonly random?: () => number;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

const PERMANENT: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.Unimplemented,
  Code.NotFound,
]);
/** What an etcd cancels a watcher for that another member, or the same one a little later, would serve. */
const PASSING_CANCEL = /no leader|leader changed|server stopped|timed out/;

export class ResumingWatch {
  readonly range: WatchRange;
  readonly state = new Cell<WatchState>({ phase: "stopped", error: undefined, compactRevision: 0 });
  readonly #options: ResumingWatchOptions;
  #position: number;
  /** The newest header that was seen: it tells the same data from other data. */
  #newest: { readonly clusterId: bigint; readonly memberId: bigint; readonly revision: number } | undefined;
  #started = false;
  #lastResponseAtMs = 0;
  #abort: AbortController | undefined;

  constructor(options: ResumingWatchOptions) {
    this.#options = options;
    this.range = options.range;
    this.#position = options.fromRevision ?? 0;
  }

  /** The next revision it needs; 0 before the first watcher of changes after now is there. */
  get position(): number {
    return this.#position;
  }

  /** The last sign of life, as Date.now gives it; 0 before the first. */
  get lastResponseAtMs(): number {
    return this.#lastResponseAtMs;
  }

  /** Goes on at the position, also after `stop` or a failure. */
  start(): void {
    if (this.#abort !== undefined) return;
    this.#abort = new AbortController();
    this.#set("connecting");
    void this.#run(this.#abort.signal);
  }

  /** Begins anew at a revision, 0 for now: after a compaction or a rewind, for whoever has read the state again. */
  restart(fromRevision = 0): void {
    this.stop();
    this.#position = fromRevision;
    this.#newest = undefined;
    this.#started = false;
    this.start();
  }

  /** Ends the stream and keeps the position. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#set("stopped");
  }

  #set(phase: WatchPhase, error?: ConnectError, compactRevision = 0): void {
    this.state.set({ phase, error, compactRevision });
  }

  /** Ends for good, with the reason in the state. */
  #end(phase: WatchPhase, error?: ConnectError, compactRevision?: number): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#set(phase, error, compactRevision);
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const { error, wasLive } = await this.#stream(signal);
      if (signal.aborted) return;
      if (PERMANENT.has(error.code)) return this.#end("failed", error);
      if (wasLive) failures = 0;
      this.#set("reconnecting", error);
      await pause(this.#retryMs(failures), signal);
    }
  }

  #retryMs(failures: number): number {
    const { random = Math.random } = this.#options;
    return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 16)) * (0.5 + random() / 2);
  }

  /** One stream, from its creation to its end; the reason of the end is only of use while the signal stands. */
  async #stream(signal: AbortSignal): Promise<{ readonly error: ConnectError; readonly wasLive: boolean }> {
    const { open, range, prevKv = false } = this.#options;
    const request = create(WatchCreateRequestSchema, {
      ...range,
      prevKv,
      startRevision: BigInt(this.#position),
      progressNotify: true,
    });
    let wasLive = false;
    try {
      for await (const response of open(request, signal)) {
        if (signal.aborted) break;
        this.#take(response);
        if (signal.aborted) break;
        wasLive ||= response.created;
      }
      return { error: new ConnectError("the stream ended", Code.Unavailable), wasLive };
    } catch (error) {
      return { error: ConnectError.from(error), wasLive };
    }
  }

  #take(response: WatchResponse): void {
    this.#lastResponseAtMs = Date.now();
    this.#options.listener.onResponse?.();
    const revision = Number(response.header?.revision ?? 0n);
    if (this.#isRewound(response)) this.#end("rewound");
    else if (response.canceled) this.#canceled(response);
    else if (response.created) this.#created(revision);
    else if (response.events.length > 0) this.#events(response);
    else this.#position = Math.max(this.#position, revision + 1);
  }

  #created(revision: number): void {
    if (this.#position === 0) this.#position = revision + 1;
    this.#set("live");
    if (this.#started) return;
    this.#started = true;
    this.#options.listener.onStart?.(this.#position - 1);
  }

  #events(response: WatchResponse): void {
    const fresh = response.events.filter(({ kv }) => Number(kv?.modRevision ?? 0n) >= this.#position);
    const last = fresh.at(-1)?.kv;
    if (last === undefined) return;
    this.#position = Number(last.modRevision) + 1;
    this.#options.listener.onEvents(fresh);
  }

  #canceled({ compactRevision, cancelReason }: WatchResponse): void {
    if (compactRevision > 0n || cancelReason.includes("has been compacted")) {
      this.#end("compacted", undefined, Number(compactRevision));
      return;
    }
    const error = new ConnectError(cancelReason || "the server canceled the watch", Code.Unavailable);
    if (cancelReason === "" || PASSING_CANCEL.test(cancelReason)) throw error;
    this.#end("failed", error);
  }

  /** A member that lags behind another is no rewind; the same member begun anew at an earlier revision is. */
  #isRewound({ header, created }: WatchResponse): boolean {
    if (header === undefined) return false;
    const { clusterId, memberId } = header;
    const next = { clusterId, memberId, revision: Number(header.revision) };
    const newest = this.#newest ?? next;
    if (created) {
      if (clusterId !== newest.clusterId) return true;
      if (memberId === newest.memberId && next.revision < newest.revision) return true;
    }
    this.#newest = next.revision >= newest.revision ? next : newest;
    return false;
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}
