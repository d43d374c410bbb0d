/**
 * Services that answer nothing that could still be lost: a reply, a message of a stream and an error, be it of
 * a read, all wait until what had been applied by then is durable. Where everything is, a unary method still
 * returns its message at once.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { type AnyMethod, type ServiceBinding, wrapServices } from "../rpc/index.ts";
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
      return (request, context) => durableStream(() => run(request, context) as AsyncIterable<unknown>, commit);
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

async function* durableStream(run: () => AsyncIterable<unknown>, commit: GroupCommit): AsyncGenerator<unknown> {
  commit.check();
  const messages = run()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await durablePromise(messages.next(), commit);
      if ((next as IteratorResult<unknown>).done === true) return;
      yield (next as IteratorResult<unknown>).value;
    }
  } finally {
    // Not awaited: where the end has come, it may wait for what will not be.
    messages.return?.().catch(() => {});
  }
}
