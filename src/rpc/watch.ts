import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { EtcdError, etcdError } from "../errors.ts";
import type { Watch as BrowserWatch } from "../gen/etcdlite/v1/watch_pb.ts";
import type {
  Watch,
  WatchCreateRequest,
  WatchResponse as WatchMessage,
  WatchRequest,
} from "../gen/etcdserverpb/watch_pb.ts";
import type { KeyRange, WatchStream } from "../mvcc/index.ts";
import type { Etcd } from "../server/index.ts";
import type { Access } from "./access.ts";
import type { ReadyIterator } from "./readyiterator.ts";
import { watchCreateRequest } from "./requests.ts";
import { Signal } from "./signal.ts";
import { nextTurn } from "./slices.ts";
import { goErrorText } from "./status.ts";
import { Wakes } from "./wakes.ts";
import { WatchMessages } from "./watchmessage.ts";

/** etcd's least interval of periodic progress notifications. */
const MIN_PROGRESS_INTERVAL_MS = 100;
/** Replies to creates and cancels that may wait for a client that does not read; then its requests wait too. */
const MAX_UNREAD_REPLIES = 1024;
/**
 * When so many watches of a stream were sent the same, the stream rests: there a message costs more than an event in it, us
 * and the client, so what several commits have for them goes together.
 */
const MANY_REPEATS = 32;

/** etcdserverpb.Watch: many watches on one stream. A half-closed stream goes on sending (rule WA2). */
export function watchService(etcd: Etcd, access: Access): ServiceImpl<typeof Watch> {
  const wakes = new Wakes();
  return {
    watch(requests, context) {
      const session = new WatchSession(etcd, access, context, wakes);
      void session.receive(requests);
      return session;
    },
  };
}

/** etcdlite.v1.Watch: one watch, for browsers, which cannot send a stream. It ends when the watch is canceled. */
export function browserWatchService(etcd: Etcd, access: Access): ServiceImpl<typeof BrowserWatch> {
  const wakes = new Wakes();
  return {
    watch(request, context) {
      const session = new WatchSession(etcd, access, context, wakes, (response) => response.canceled);
      session.create(request);
      return session;
    },
  };
}

type IsLast = (response: WatchMessage) => boolean;

/** One for all streams that end: to build an error is what costs, and thousands may end at once. */
const STOPPED = etcdError("stopped");

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * One client's stream: its requests go to the watch stream, whose responses are pulled as the client reads
 * them. What ends it: the client leaving, the server stopping, or a request that cannot be read.
 */
class WatchSession implements ReadyIterator<WatchMessage> {
  readonly stream: WatchStream;
  readonly #etcd: Etcd;
  readonly #access: Access;
  readonly #context: HandlerContext;
  readonly #signal: AbortSignal;
  readonly #work = new Signal();
  readonly #room = new Signal();
  readonly #onAbort = (): void => this.#fail(this.#signal.reason ?? etcdError("stopped"));
  readonly #openedMs: number;
  readonly #isLast: IsLast;
  readonly #messages: WatchMessages;
  readonly #wakes: Wakes;
  #cancelProgress: (() => void) | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #isOver = false;

  /** @param isLast whether nothing comes after a response */
  constructor(etcd: Etcd, access: Access, context: HandlerContext, wakes: Wakes, isLast: IsLast = () => false) {
    const { signal } = context;
    this.#isLast = isLast;
    this.#wakes = wakes;
    this.#messages = new WatchMessages(etcd);
    this.#etcd = etcd;
    this.#access = access;
    this.#context = context;
    this.#signal = signal;
    this.#openedMs = etcd.options.clock.now();
    this.stream = etcd.watchStream(() => wakes.wake(this.#work));
    signal.addEventListener("abort", this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  create(message: WatchCreateRequest): void {
    const request = watchCreateRequest(message);
    if (request.progressNotify) this.#scheduleProgress();
    const denial = this.#etcd.auth.enabled ? this.#denial(request) : undefined;
    this.stream.create(request, denial ?? this.#excess());
  }

  async receive(requests: AsyncIterable<WatchRequest>): Promise<void> {
    try {
      for await (const request of requests) {
        if (this.#failure !== undefined) return;
        this.#handle(request);
        while (this.stream.unreadReplies >= MAX_UNREAD_REPLIES) await this.#room.wait();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): WatchMessage | undefined {
    // What was asked for before the failure is still answered.
    if (this.#isOver || (this.#failure !== undefined && this.stream.unreadReplies === 0)) return undefined;
    let message = this.#messages.next();
    if (message === undefined) {
      const response = this.stream.pull();
      if (response === undefined) {
        if (this.#messages.repeats >= MANY_REPEATS) this.#wakes.rest(this.#work);
        this.#messages.forget();
        return undefined;
      }
      this.#room.set();
      message = this.#messages.of(response);
    }
    if (this.#isLast(message)) this.#close();
    return message;
  }

  whenReady(callback: () => void): boolean {
    if (this.#isOver || this.#failure !== undefined || this.stream.isOver || this.stream.hasMore) return false;
    this.#work.whenSet(callback);
    return true;
  }

  async next(): Promise<IteratorResult<WatchMessage, undefined>> {
    for (;;) {
      const value = this.ready();
      if (value !== undefined) return { done: false, value };
      if (this.#isOver) return DONE;
      if (this.#failure === undefined && this.stream.isOver) this.#fail(etcdError("stopped"));
      if (this.#failure !== undefined) {
        this.#close();
        throw this.#failure.reason;
      }
      if (this.stream.hasMore) await nextTurn();
      else await this.#work.wait();
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#close();
    return DONE;
  }

  #close(): void {
    this.#isOver = true;
    this.#cancelProgress?.();
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.stream.close();
    this.#fail(STOPPED);
  }

  #handle(request: WatchRequest): void {
    const union = request.requestUnion;
    if (union.case === "createRequest") this.create(union.value);
    else if (union.case === "cancelRequest") this.stream.cancel(union.value.watchId);
    else if (union.case === "progressRequest") this.stream.requestProgress();
  }

  /** Why there can be no more watches, undefined while there can. */
  #excess(): string | undefined {
    const { maxWatchesPerStream, maxWatches } = this.#etcd.options;
    if (this.stream.size >= maxWatchesPerStream) {
      return `etcdlite: the stream has ${maxWatchesPerStream} watches, the most that --max-watches-per-stream allows`;
    }
    if (this.#etcd.watchers >= maxWatches) {
      return `etcdlite: there are ${maxWatches} watches, the most that --max-watches allows`;
    }
    return undefined;
  }

  /** Why the caller may not watch a range, undefined where it may: to refuse a watch fails no call (rule WA3). */
  #denial({ key, rangeEnd }: KeyRange): string | undefined {
    try {
      this.#etcd.auth.checkRead(this.#access.caller(this.#context), key, rangeEnd);
      return undefined;
    } catch (error) {
      if (error instanceof EtcdError) return goErrorText(error);
      throw error;
    }
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#work.set();
    this.#room.set();
  }

  /**
   * Up to a tenth later, so that streams opened together are not notified together (rule WA7). From the stream's
   * beginning on, but only for a watch that wants it: to a clock that has to be woken, a timer is no small thing.
   */
  #scheduleProgress(): void {
    if (this.#cancelProgress !== undefined) return;
    const { clock, watchProgressNotifyIntervalMs } = this.#etcd.options;
    const intervalMs = Math.max(MIN_PROGRESS_INTERVAL_MS, watchProgressNotifyIntervalMs);
    const delayMs = intervalMs * (1 + Math.random() / 10);
    const notify = (): void => {
      this.stream.notifyProgress();
      this.#cancelProgress = clock.setTimer(delayMs, notify);
    };
    this.#cancelProgress = clock.setTimer(delayMs - ((clock.now() - this.#openedMs) % delayMs), notify);
  }
}
