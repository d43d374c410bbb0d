/**
 * Services that answer nothing that could still be lost: a reply, a message of a stream and an error, be it of
 * a read, all wait until what had been applied by then is durable. Where everything is, a unary method still
 * returns its message at once. Events of a watch wait for no write: it sees them once they are durable.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import {
  type AnyMethod,
  isOfEvents,
  type Readiness,
  type ReadyIterator,
  readinessOf,
  type ServiceBinding,
  wrapServices,
} from "../rpc/index.ts";
import type { GroupCommit } from "./groupcommit.ts";

/** The same services behind `commit`; methods that are missing stay so. */
export function durableServices(bindings: readonly ServiceBinding[], commit: GroupCommit): ServiceBinding[] {
  return wrapServices(bindings, (method, run) => durableMethod(method, run, commit));
}

function durableMethod({ methodKind }: DescMethod, run: AnyMethod, commit: GroupCommit): AnyMethod {
  switch (methodKind) {
    case "unary":
    case "client_streaming":
      return (request, context) => durableReply(() => run(request, context), commit);
    case "server_streaming":
    case "bidi_streaming":
      return (request, context) => new DurableStream(() => run(request, context) as AsyncIterable<unknown>, commit);
  }
}

function durableReply(run: () => unknown, commit: GroupCommit): unknown {
  commit.check();
  let reply: unknown;
  try {
    reply = run();
  } catch (error) {
    const pending = commit.pending();
    if (pending === undefined) throw error;
    return pending.then(() => {
      throw error;
    });
  }
  if (reply instanceof Promise) return durablePromise(reply, commit);
  return commit.pending()?.then(() => reply) ?? reply;
}

async function durablePromise(reply: Promise<unknown>, commit: GroupCommit): Promise<unknown> {
  try {
    return await commit.unlessEnded(reply);
  } finally {
    await commit.pending();
  }
}

/** Messages that are taken from a stream at once, to wait for one write together. */
const MAX_TAKEN = 256;

/** A stream that begins when its first message is asked for, and whose errors come like its messages. */
class DurableStream implements ReadyIterator<unknown> {
  readonly #commit: GroupCommit;
  readonly #run: () => AsyncIterable<unknown>;
  #messages: AsyncIterator<unknown> | undefined;
  #readiness: Readiness<unknown> | undefined;
  /** They may be given out: what had been applied when they were taken is durable. */
  #taken: unknown[] = [];
  #given = 0;
  /** What is there and has to wait. */
  #held: Promise<IteratorResult<unknown>> | undefined;
  #callback: (() => void) | undefined;
  /** That it waits ends here, be it that the commit has ended. */
  readonly #call = (): void => {
    this.#commit.forget(this.#call);
    this.#callback?.();
  };

  constructor(run: () => AsyncIterable<unknown>, commit: GroupCommit) {
    this.#run = run;
    this.#commit = commit;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): unknown {
    this.#commit.check();
    if (this.#given < this.#taken.length) return this.#taken[this.#given++];
    return this.#held === undefined ? this.#readyNow() : undefined;
  }

  whenReady(callback: () => void): boolean {
    this.#messages ??= this.#begin();
    if (this.#held !== undefined) return false;
    if (this.#readiness?.whenReady(this.#call) !== true) return false;
    this.#callback = callback;
    this.#commit.whenEnded(this.#call);
    return true;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#given < this.#taken.length) return { done: false, value: this.ready() };
    this.#messages ??= this.#begin();
    const taken: unknown[] = [];
    let isKept = false;
    try {
      const held = this.#held;
      this.#held = undefined;
      const next = await this.#commit.unlessEnded(held ?? this.#messages.next());
      while (taken.length < MAX_TAKEN) {
        const message = this.#readiness?.ready();
        if (message === undefined) break;
        taken.push(message);
      }
      isKept = next.done !== true && isOfEvents(next.value) && taken.every(isOfEvents);
      return next as IteratorResult<unknown, undefined>;
    } finally {
      if (!isKept) await this.#commit.pending();
      this.#taken = taken;
      this.#given = 0;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#commit.forget(this.#call);
    // Not awaited: where the end has come, it may wait for what will not be.
    this.#messages?.return?.().catch(() => {});
    return { done: true, value: undefined };
  }

  /** It may tell of what was applied for it. */
  #readyNow(): unknown {
    try {
      const value = this.#readiness?.ready();
      if (value === undefined || this.#commit.pending() === undefined || isOfEvents(value)) return value;
      this.#held = Promise.resolve({ done: false, value });
    } catch (error) {
      if (this.#commit.pending() === undefined) throw error;
      this.#held = Promise.reject(error);
      // Whoever asks for the next one is told.
      this.#held.catch(() => {});
    }
    return undefined;
  }

  #begin(): AsyncIterator<unknown> {
    this.#commit.check();
    const messages = this.#run()[Symbol.asyncIterator]();
    this.#readiness = readinessOf(messages);
    return messages;
  }
}
