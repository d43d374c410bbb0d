/**
 * The requests of a stream between the connection, which pushes, and the method, which pulls. It is bounded:
 * past the high mark the connection is told to pause, and HTTP/2's flow control stops the client. What comes in numbers
 * is handed out a part in each turn of the event loop.
 */
import type { Message } from "@bufbuild/protobuf";
import type { ReadyIterator } from "../../../rpc/index.ts";

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

export class RequestQueue implements ReadyIterator<Message> {
  readonly #source: RequestSource;
  #messages: { readonly message: Message; readonly bytes: number }[] = [];
  #bytes = 0;
  #paused = false;
  /** Who waits by `next`, and by `whenReady`. */
  readonly #waiters: Waiter[] = [];
  #callback: (() => void) | undefined;
  #end: { readonly error?: Error } | undefined;
  /** What may be handed out of a queue that is not empty before it is the turn of others. */
  #turnMessages = TURN_MESSAGES;

  constructor(source: RequestSource) {
    this.#source = source;
  }

  /** To be followed by `pushed`. */
  push(message: Message, bytes: number): void {
    if (this.#end !== undefined) return;
    this.#messages.push({ message, bytes });
    this.#bytes += bytes;
  }

  /** All has been pushed that has come for now. */
  pushed(): void {
    while (this.#waiters.length > 0 && this.#messages.length > 0) {
      this.#waiters.shift()?.resolve({ done: false, value: this.#take() });
    }
    if (this.#messages.length > 0) this.#call();
    if (this.#paused || !this.#isFull()) return;
    this.#paused = true;
    this.#source.pause();
  }

  /** No more requests: after those queued the method sees the end, or the error. */
  close(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.pushed();
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve(DONE);
      else this.#reject(waiter, error);
    }
    this.#call();
  }

  /** The call is over: what is queued is of no use to anyone. */
  abort(error: Error): void {
    this.#clear();
    this.close(error);
  }

  ready(): Message | undefined {
    if (this.#messages.length > 0) return this.#turnMessages > 0 ? this.#take() : undefined;
    this.#turnMessages = TURN_MESSAGES;
    return undefined;
  }

  whenReady(callback: () => void): boolean {
    if (this.#messages.length > 0) this.#nextTurn(callback);
    else if (this.#end === undefined) this.#callback = callback;
    else return false;
    return true;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.ready();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#messages.length > 0) this.#nextTurn(() => this.next().then(resolve, reject));
      else if (this.#end === undefined) this.#waiters.push(waiter);
      else if (this.#end.error === undefined) resolve(DONE);
      else this.#reject(waiter, this.#end.error);
    });
  }

  /** The method wants no more: what still comes is read and dropped. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#clear();
    this.close();
    this.#resumeIfRoom();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Message {
    const { message, bytes } = this.#messages.shift() as { message: Message; bytes: number };
    this.#turnMessages--;
    this.#bytes -= bytes;
    this.#resumeIfRoom();
    return message;
  }

  #nextTurn(callback: () => void): void {
    this.#source.nextTurn(() => {
      this.#turnMessages = TURN_MESSAGES;
      callback();
    });
  }

  #call(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }

  #clear(): void {
    this.#messages = [];
    this.#bytes = 0;
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
