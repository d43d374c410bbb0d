import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type WatchCreateRequest,
  WatchCreateRequestSchema,
  type WatchRequest,
  WatchRequestSchema,
  type WatchResponse,
  WatchResponseSchema,
} from "../../gen/etcdserverpb/watch_pb.ts";
import { encodeErrorLine, encodeResultLine, expectedStatus, faultStatus, RequestReader } from "../../rpc/index.ts";
import type { Clock, Etcd } from "../../server/index.ts";
import type { HibernatableSocket } from "./types.ts";
import { fits, type KeptWatch, type WatchAttachment } from "./watch-attachment.ts";
import { WatchContext } from "./watch-context.ts";
import { WatchQueue } from "./watch-queue.ts";

export interface WatchSocketHost {
  readonly etcd: Etcd;
  readonly clock: Clock;
  /** etcdserverpb.Watch. */
  readonly watch: (requests: AsyncIterable<WatchRequest>, context: WatchContext) => AsyncIterable<WatchResponse>;
  readonly maxMessageBytes: number;
}

const Close = { NORMAL: 1000, GOING_AWAY: 1001, TOO_BIG: 1009 } as const;
const NO_WATCH = -1n;
const TOO_MANY =
  "etcdlite: what the watches of a WebSocket ask for takes more than is kept while the store sleeps: use another one";

/**
 * The gateway's watch over a WebSocket (rule HT3) that outlives its object's sleep. A stream of the Watch service
 * does the work; what goes by is noted, and kept with the socket:
 *
 *     client ──► requests ──► stream ──► responses ──► client
 *                   ▲                        │ how far each watch has got
 *                   └────── attachment ◄─────┘
 *                  after a sleep: each watch again, from there on, and its `created` is not sent again
 *
 * Nothing is written while the object sleeps, so nothing is missed by then; and it does not fall asleep before all
 * is sent. Where a compaction goes past a watch that has seen everything, the stream is asked how far it is, so that
 * the watch does not seem to have missed something when it is begun again.
 */
export class WatchSocket {
  readonly #socket: HibernatableSocket;
  readonly #host: WatchSocketHost;
  readonly #state: WatchAttachment;
  readonly #context: WatchContext;
  readonly #reader: RequestReader;
  readonly #queue = new WatchQueue();
  /** Those whose `created` is awaited, in the order of the requests. */
  readonly #creating: Array<KeptWatch & { readonly isRestored: boolean }> = [];
  /** Compacted, and not canceled by the client so far: there is no progress of such a stream. */
  readonly #compacted = new Set<bigint>();
  /** By whom progress was asked for, in order. */
  readonly #asked: Array<"client" | "self" | "timer"> = [];
  readonly #restored = Promise.withResolvers<void>();
  #cancelTimer: (() => void) | undefined;

  constructor(socket: HibernatableSocket, host: WatchSocketHost, state: WatchAttachment) {
    this.#socket = socket;
    this.#host = host;
    this.#state = state;
    this.#context = new WatchContext(state);
    this.#reader = new RequestReader(WatchRequestSchema, host.maxMessageBytes);
    this.#reader.push(state.rest);
    this.#save();
    this.#restore();
    this.#scheduleProgress();
    void this.#send();
  }

  /** Settles when the watches from before a sleep are there again. */
  get restored(): Promise<void> {
    return this.#restored.promise;
  }

  /** A piece of the client's requests. */
  receive(message: string | ArrayBuffer): void {
    if (this.#state.hasEnded) return;
    this.#reader.push(typeof message === "string" ? new TextEncoder().encode(`${message}\n`) : new Uint8Array(message));
    try {
      for (let request = this.#reader.next(); request !== undefined; request = this.#reader.next()) {
        this.#state.hasEnded = request === "invalid";
        if (request === "invalid") break;
        this.#queue.push(request as WatchRequest);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#state.rest = this.#state.hasEnded ? new Uint8Array(0) : this.#reader.rest;
    if (fits(this.#state, 0)) this.#save();
    else this.#end(Close.TOO_BIG, "a request in pieces is too large");
  }

  /** Rows up to some revision are about to go. */
  compacted(): void {
    this.#askProgress("self");
  }

  /** The client has left. */
  close(): void {
    this.#cancelTimer?.();
    this.#queue.end();
    this.#context.leave();
    this.#restored.resolve();
  }

  /** Watch 0 is the first, for it is the one that the stream gives the ID to. */
  #restore(): void {
    const nextRevision = BigInt(this.#host.etcd.store.revision) + 1n;
    const kept = [...this.#state.watches].sort((a, b) => Number(a.id - b.id));
    for (const watch of kept) {
      const request = fromBinary(WatchCreateRequestSchema, watch.request);
      // To the stream one that names the next revision begins in the future, and has no progress.
      request.startRevision = watch.next === nextRevision ? 0n : watch.next;
      this.#creating.push({ ...watch, isRestored: true });
      this.#queue.push(createRequest(request), () => this.#context.restoring(true));
    }
    this.#state.watches = [];
    if (kept.length === 0) this.#restored.resolve();
    this.#queue.whenTaken = (request) => this.#prepare(request);
  }

  async #send(): Promise<void> {
    try {
      for await (const response of this.#host.watch(this.#queue, this.#context)) this.#deliver(response);
      this.#end(Close.NORMAL);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A request of the client's, as the stream takes it; undefined where it is answered already. */
  #prepare(request: WatchRequest): WatchRequest | undefined {
    this.#context.restoring(false);
    const union = request.requestUnion;
    if (union.case === "progressRequest" && this.#hasProgress()) this.#asked.push("client");
    if (union.case === "cancelRequest") this.#compacted.delete(union.value.watchId);
    return union.case === "createRequest" ? this.#prepareCreate(union.value) : request;
  }

  #prepareCreate(request: WatchCreateRequest): WatchRequest | undefined {
    const { progressNotify } = request;
    // Notifications come from here, as the stream's own time begins anew with each sleep.
    request.progressNotify = false;
    if (request.watchId === 0n && this.#state.nextId > 0n) request.watchId = this.#freeId();
    const bytes = toBinary(WatchCreateRequestSchema, request);
    if (!fits(this.#state, bytes.length)) {
      this.#deliver(this.#message({ watchId: NO_WATCH, created: true, canceled: true, cancelReason: TOO_MANY }));
      return undefined;
    }
    const next = request.startRevision;
    this.#creating.push({ id: 0n, request: bytes, next, progressNotify, isQuiet: true, isRestored: false });
    return createRequest(request);
  }

  #freeId(): bigint {
    const taken = new Set(this.#state.watches.map(({ id }) => id));
    while (taken.has(this.#state.nextId)) this.#state.nextId++;
    return this.#state.nextId;
  }

  #deliver(response: WatchResponse): void {
    const isSent = response.created && response.cancelReason !== TOO_MANY ? this.#created(response) : true;
    const isOwn = !response.created && response.watchId === NO_WATCH && this.#progress(response);
    if (response.canceled && response.compactRevision > 0n) this.#compacted.add(response.watchId);
    if (response.canceled) this.#forget(response.watchId);
    this.#note(response);
    if (isSent && !isOwn) this.#write(encodeResultLine(WatchResponseSchema, response));
    this.#save();
  }

  /** Whether the client is to be told. */
  #created(response: WatchResponse): boolean {
    const creating = this.#creating.shift();
    this.#queue.resume();
    if (creating === undefined) return true;
    const { isRestored, ...watch } = creating;
    if (!response.canceled) {
      const request = fromBinary(WatchCreateRequestSchema, watch.request);
      const next = watch.next > 0n ? watch.next : (response.header?.revision ?? 0n) + 1n;
      const isAutomatic = request.watchId === 0n || request.watchId === this.#state.nextId;
      if (isAutomatic && response.watchId >= this.#state.nextId) this.#state.nextId = response.watchId + 1n;
      request.watchId = response.watchId;
      const bytes = toBinary(WatchCreateRequestSchema, request);
      this.#state.watches.push({ ...watch, id: response.watchId, request: bytes, next });
      this.#scheduleProgress();
    } else if (isRestored) {
      // It was there once, so it is not refused but canceled.
      response.created = false;
      response.watchId = watch.id;
    }
    if (isRestored && !this.#creating.some((other) => other.isRestored)) this.#restored.resolve();
    return !isRestored || response.canceled;
  }

  #note({ watchId, events, fragment }: WatchResponse): void {
    const watch = this.#state.watches.find(({ id }) => id === watchId);
    if (watch === undefined || events.length === 0) return;
    watch.isQuiet = false;
    // Of a revision in fragments not all may have come.
    if (!fragment) watch.next = (events.at(-1)?.kv?.modRevision ?? 0n) + 1n;
  }

  #forget(watchId: bigint): void {
    this.#state.watches = this.#state.watches.filter(({ id }) => id !== watchId);
  }

  /** The whole stream is as far as the response says. Whether it was asked for here. */
  #progress(response: WatchResponse): boolean {
    const by = this.#asked.shift();
    const next = (response.header?.revision ?? 0n) + 1n;
    for (const watch of this.#state.watches) if (watch.next < next) watch.next = next;
    if (by === "timer") {
      for (const watch of this.#state.watches) {
        if (!watch.progressNotify) continue;
        const message = this.#message({ watchId: watch.id });
        message.header = response.header;
        if (watch.isQuiet) this.#write(encodeResultLine(WatchResponseSchema, message));
        watch.isQuiet = true;
      }
    }
    return by === "self" || by === "timer";
  }

  #askProgress(by: "self" | "timer"): void {
    if (!this.#hasProgress()) return;
    const request = create(WatchRequestSchema, { requestUnion: { case: "progressRequest", value: {} } });
    this.#queue.push(request, () => this.#asked.push(by));
  }

  /** As in etcd there is no answer for a stream without a watch, with one of the future, or with a compacted one. */
  #hasProgress(): boolean {
    const revision = BigInt(this.#host.etcd.store.revision);
    const { watches } = this.#state;
    return watches.length > 0 && this.#compacted.size === 0 && watches.every(({ next }) => next <= revision + 1n);
  }

  #scheduleProgress(): void {
    const { clock, etcd } = this.#host;
    if (this.#cancelTimer !== undefined || !this.#state.watches.some(({ progressNotify }) => progressNotify)) return;
    const intervalMs = etcd.options.watchProgressNotifyIntervalMs * (1 + Math.random() / 10);
    this.#state.progressAtMs ??= clock.now() + intervalMs;
    this.#cancelTimer = clock.setTimer(Math.max(0, this.#state.progressAtMs - clock.now()), () => {
      this.#cancelTimer = undefined;
      this.#state.progressAtMs = undefined;
      this.#askProgress("timer");
      this.#scheduleProgress();
      this.#save();
    });
  }

  #message(fields: Omit<Partial<WatchResponse>, "header" | "$typeName">): WatchResponse {
    const { clusterId, memberId } = this.#host.etcd.options;
    const revision = BigInt(this.#host.etcd.store.revision);
    const raftTerm = BigInt(this.#host.etcd.raftTerm);
    return create(WatchResponseSchema, { header: { clusterId, memberId, revision, raftTerm }, ...fields });
  }

  #fail(error: unknown): void {
    const { code, message } = expectedStatus(error) ?? faultStatus(error);
    this.#write(encodeErrorLine(code, message));
    this.#end(Close.GOING_AWAY);
  }

  /** Without its line feed. A client that has left is none to be told. */
  #write(line: Uint8Array): void {
    try {
      this.#socket.send(new TextDecoder().decode(line.subarray(0, -1)));
    } catch {
      this.close();
    }
  }

  #save(): void {
    this.#socket.serializeAttachment(this.#state);
  }

  #end(code: number, reason = ""): void {
    this.close();
    // So that it is not taken up again, should the object sleep before the client has heard.
    this.#socket.serializeAttachment(null);
    this.#socket.close(code, reason);
  }
}

function createRequest(value: WatchCreateRequest): WatchRequest {
  return create(WatchRequestSchema, { requestUnion: { case: "createRequest", value } });
}
