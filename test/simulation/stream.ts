/** A watch stream as a client holds it: requests out, responses in, read when the client gets to it. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { EtcdError } from "../../src/errors.ts";
import { Watch, WatchRequestSchema, type WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import type { Caller } from "./request.ts";
import { type Server, SimulatedContext } from "./server.ts";
import { bytesOf, revisionOf } from "./show.ts";
import type { WatchView } from "./watch.ts";

export interface StreamHost {
  /** Why a watch must be refused now. */
  denial(caller: Caller, key: string, end: string): string | undefined;
  callerOf(token: string | undefined): Caller;
  /** The server has sent something: what it tells of must be durable. */
  emitted(text: string, revision: number): void;
  fail(what: string): void;
}

const NOPUT = 0;
const NODELETE = 1;
const STREAM = -1n;

export class ClientStream {
  readonly #host: StreamHost;
  readonly #context: SimulatedContext;
  readonly #token: string | undefined;
  readonly #requests = new RequestQueue();
  readonly #responses: AsyncIterator<WatchResponse>;
  /** Sent by the server, not yet seen by the client. */
  readonly #inbox: WatchResponse[] = [];
  readonly #creating: WatchView[] = [];
  readonly #byId = new Map<bigint, WatchView>();
  /** Canceled by the client, not yet by the server. */
  readonly #canceled = new Set<bigint>();
  /** Ended by compaction, and canceled too, as their IDs are taken until then. */
  readonly #ended = new Set<bigint>();
  #isReading = false;
  #isOver = false;

  constructor(server: Server, token: string | undefined, host: StreamHost) {
    this.#host = host;
    this.#token = token;
    this.#context = new SimulatedContext(Watch, "watch", token);
    const responses = server.stream(Watch, "watch", this.#requests, this.#context) as AsyncIterable<WatchResponse>;
    this.#responses = responses[Symbol.asyncIterator]();
    // As transports do: it is this that lets the method begin.
    this.read();
  }

  /** Nothing will come any more that is not in the inbox. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get hasInbox(): boolean {
    return this.#inbox.length > 0;
  }

  /** Whether a read is under way, for which there may be nothing. */
  get isReading(): boolean {
    return this.#isReading;
  }

  create(view: WatchView): void {
    const { key, end, prevKv, progressNotify, fragment, noPut, noDelete } = view.spec;
    view.resumed();
    this.#creating.push(view);
    const filters = [...(noPut ? [NOPUT] : []), ...(noDelete ? [NODELETE] : [])];
    const startRevision = BigInt(view.next ?? 0);
    const value = {
      key: bytesOf(key),
      rangeEnd: bytesOf(end),
      startRevision,
      prevKv,
      progressNotify,
      fragment,
      filters,
    };
    this.#send({ case: "createRequest", value } as RequestUnion, () => {
      view.denial = this.#host.denial(this.#host.callerOf(this.#token), key, end);
    });
  }

  cancel(view: WatchView): void {
    for (const [id, one] of this.#byId) {
      if (one !== view) continue;
      view.isOver = true;
      this.#canceled.add(id);
      this.#send({ case: "cancelRequest", value: { watchId: id } } as RequestUnion);
    }
  }

  requestProgress(): void {
    this.#send({ case: "progressRequest", value: {} } as RequestUnion);
  }

  /** Asks for the next response; what comes is in the inbox then. */
  read(): void {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    this.#responses.next().then(
      ({ value, done }) => {
        this.#isReading = false;
        if (this.#isOver) return;
        if (done === true) {
          this.#isOver = true;
          return;
        }
        this.#inbox.push(value);
        const last = Number(value.events.at(-1)?.kv?.modRevision ?? 0n);
        const ids = `${value.watchId} ${value.created} ${value.canceled}`;
        this.#host.emitted(
          `watch ${ids} r${revisionOf(value)} ${value.events.length} to ${last}`,
          Math.max(last, revisionOf(value)),
        );
      },
      (error: unknown) => {
        this.#isReading = false;
        this.#isOver = true;
        if (!(error instanceof EtcdError)) this.#host.fail(`a watch stream ended with ${String(error)}`);
      },
    );
  }

  /** The client sees the next response; false where there is none. */
  receive(): boolean {
    const response = this.#inbox.shift();
    if (response === undefined) return false;
    this.#received(response);
    return true;
  }

  /** The connection is gone, and what is in the inbox with it; a server that is dead is not told. */
  close(tellServer = true): void {
    this.#isOver = true;
    this.#inbox.length = 0;
    if (!tellServer) return;
    this.#requests.end();
    this.#context.abort();
    this.#responses.return?.()?.catch(() => {});
  }

  /** @param taken called when the server takes it */
  #send(requestUnion: RequestUnion, taken?: () => void): void {
    this.#requests.push({ message: create(WatchRequestSchema, { requestUnion }), taken });
  }

  #received(response: WatchResponse): void {
    const { watchId, created, canceled } = response;
    if (created) {
      const view = this.#creating.shift();
      if (view === undefined) this.#host.fail("a watch was created that nobody asked for");
      else if (canceled) view.refused(response.cancelReason);
      else if (this.#byId.has(watchId)) this.#host.fail(`the watch ID ${watchId} was given twice`);
      else {
        this.#byId.set(watchId, view);
        view.created(response);
      }
      return;
    }
    if (watchId === STREAM) {
      for (const view of this.#byId.values()) view.progressed(revisionOf(response));
      return;
    }
    this.#forWatch(response);
  }

  #forWatch(response: WatchResponse): void {
    const { watchId, canceled } = response;
    const view = this.#byId.get(watchId);
    if (view === undefined) {
      if (!canceled || !this.#ended.delete(watchId)) this.#host.fail(`a response came for no watch: ${watchId}`);
    } else if (!canceled) view.received(response);
    else if (response.compactRevision > 0n) {
      view.compacted(response);
      this.#byId.delete(watchId);
      this.#send({ case: "cancelRequest", value: { watchId } } as RequestUnion);
      this.#ended.add(watchId);
      this.#lost.push(view);
    } else if (this.#canceled.delete(watchId)) this.#byId.delete(watchId);
    else this.#host.fail(`the watch ${watchId} was canceled: ${response.cancelReason}`);
  }

  /** Watches that ended by compaction, to be made again. */
  readonly #lost: WatchView[] = [];

  takeLost(): WatchView[] {
    return this.#lost.splice(0).filter(({ isOver }) => !isOver);
  }
}

type RequestUnion = Exclude<MessageInitShape<typeof WatchRequestSchema>, { $typeName: string }>["requestUnion"];

interface QueuedRequest {
  readonly message: unknown;
  readonly taken: (() => void) | undefined;
}

/** What the client has sent, for the one reader that there is. */
class RequestQueue implements AsyncIterable<unknown> {
  readonly #items: QueuedRequest[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  push(item: QueuedRequest): void {
    this.#items.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        item.taken?.();
        yield item.message;
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
