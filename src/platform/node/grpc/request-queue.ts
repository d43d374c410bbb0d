/**
 * The requests of a stream between the connection, which pushes, and the method, which pulls. It is bounded:
 * past the high mark the connection is told to pause, and HTTP/2's flow control stops the client. What comes in numbers
 * is handed out a part in each turn of the event loop.
 */
import type { Message } from "@bufbuild/protobuf";

const HIGH_MARK_BYTES = 256 * 1024;
const HIGH_MARK_MESSAGES = 256;
const TURN_MESSAGES = 64;

export interface RequestSource {
  pause(): void;
  resume(): void;
  /** Calls back when others have had their turn. */
  nextTurn(callback: () => void): void;
  /** The method has been told why there are no more requests. */
  failureSeen(error: Error): void;
}

interface Waiter {
  resolve(result: IteratorResult<Message, undefined>): void;
  reject(error: Error): void;
}

const DONE: IteratorResult<Message, undefined> = { done: true, value: undefined };

export class RequestQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #source: RequestSource;
  #messages: { readonly message: Message; readonly bytes: number }[] = [];
  #bytes = 0;
  #paused = false;
  #waiters: Waiter[] = [];
  #end: { readonly error?: Error } | undefined;
  #asked = 0;

  constructor(source: RequestSource) {
    this.#source = source;
  }

  push(message: Message, bytes: number): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: message });
      return;
    }
    this.#messages.push({ message, bytes });
    this.#bytes += bytes;
    if (!this.#paused && this.#isFull()) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  /** No more requests: after those queued the method sees the end, or the error. */
  close(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve(DONE);
      else this.#reject(waiter, error);
    }
  }

  /** The call is over: what is queued is of no use to anyone. */
  abort(error: Error): void {
    this.#messages = [];
    this.#bytes = 0;
    this.close(error);
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (++this.#asked % TURN_MESSAGES > 0 || this.#messages.length === 0) return this.#next();
    return new Promise((resolve) => this.#source.nextTurn(() => resolve(this.#next())));
  }

  #next(): Promise<IteratorResult<Message, undefined>> {
    const queued = this.#messages.shift();
    if (queued !== undefined) {
      this.#bytes -= queued.bytes;
      this.#resumeIfRoom();
      return Promise.resolve({ done: false, value: queued.message });
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end === undefined) this.#waiters.push(waiter);
      else if (this.#end.error === undefined) resolve(DONE);
      else this.#reject(waiter, this.#end.error);
    });
  }

  /** The method wants no more: what still comes is read and dropped. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#messages = [];
    this.#bytes = 0;
    this.close();
    this.#resumeIfRoom();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #isFull(): boolean {
    return this.#bytes >= HIGH_MARK_BYTES || this.#messages.length >= HIGH_MARK_MESSAGES;
  }

  #resumeIfRoom(): void {
    if (!this.#paused || this.#isFull()) return;
    this.#paused = false;
    this.#source.resume();
  }

  #reject(waiter: Waiter, error: Error): void {
    waiter.reject(error);
    this.#source.failureSeen(error);
  }
}
