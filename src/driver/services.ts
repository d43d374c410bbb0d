/**
 * Services that answer nothing that could still be lost: a reply, a message of a stream and an error, be it of
 * a read, all wait until what had been applied by then is durable. Where everything is, a unary method still
 * returns its message at once.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { type AnyMethod, type ReadyIterator, readyOf, type ServiceBinding, wrapServices } from "../rpc/index.ts";
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
  #ready: (() => unknown) | undefined;
  /** They may be given out: what had been applied when they were taken is durable. */
  #taken: unknown[] = [];
  #given = 0;

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
    return this.#commit.pending() === undefined ? this.#ready?.() : undefined;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#given < this.#taken.length) return { done: false, value: this.ready() };
    this.#messages ??= this.#begin();
    const taken: unknown[] = [];
    try {
      const next = await this.#commit.unlessEnded(this.#messages.next());
      while (taken.length < MAX_TAKEN) {
        const message = this.#ready?.();
        if (message === undefined) break;
        taken.push(message);
      }
      return next as IteratorResult<unknown, undefined>;
    } finally {
      await this.#commit.pending();
      this.#taken = taken;
      this.#given = 0;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    // Not awaited: where the end has come, it may wait for what will not be.
    this.#messages?.return?.().catch(() => {});
    return { done: true, value: undefined };
  }

  #begin(): AsyncIterator<unknown> {
    this.#commit.check();
    const messages = this.#run()[Symbol.asyncIterator]();
    this.#ready = readyOf(messages);
    return messages;
  }
}
