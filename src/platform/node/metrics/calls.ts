/**
 * Counts what becomes of calls, as gRPC servers in Go do it for Prometheus: one place for all protocols, around
 * the services' methods. A unary method still returns its message at once.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { Status } from "../../../errors.ts";
import { expectedStatus, type ServiceBinding } from "../../../rpc/index.ts";

/** The calls of one method since the start. */
export interface MethodCalls {
  readonly method: DescMethod;
  started: number;
  received: number;
  sent: number;
  /** Calls that are over, by their status code. */
  readonly handled: number[];
  /** Told how long each call took, where somebody wants to know. */
  observeSeconds: ((seconds: number) => void) | undefined;
}

export interface CountedServices {
  readonly bindings: readonly ServiceBinding[];
  /** Also of methods that are not there: they are never called. */
  readonly calls: readonly MethodCalls[];
}

type Method = (request: unknown, context: HandlerContext) => unknown;

const CODES = Object.keys(Status).length;

/** The same services, with their calls counted. */
export function countedServices(bindings: readonly ServiceBinding[]): CountedServices {
  const calls: MethodCalls[] = [];
  const counted = bindings.map(({ service, impl }) => {
    const methods = impl as Record<string, Method | undefined>;
    const wrapped: Record<string, Method> = {};
    for (const method of service.methods) {
      const handled = new Array<number>(CODES).fill(0);
      const count = { method, started: 0, received: 0, sent: 0, handled, observeSeconds: undefined };
      calls.push(count);
      const run = methods[method.localName]?.bind(impl);
      if (run === undefined) continue;
      wrapped[method.localName] = method.methodKind === "unary" ? countedUnary(run, count) : countedStream(run, count);
    }
    return { service, impl: wrapped } as unknown as ServiceBinding;
  });
  return { bindings: counted, calls };
}

function countedUnary(run: Method, calls: MethodCalls): Method {
  return (request, context) => {
    const ended = begin(calls);
    calls.received++;
    let reply: unknown;
    try {
      reply = run(request, context);
    } catch (error) {
      ended(codeOf(error));
      throw error;
    }
    if (reply instanceof Promise) return countedReply(reply, calls, ended);
    calls.sent++;
    ended(Status.OK);
    return reply;
  };
}

async function countedReply(reply: Promise<unknown>, calls: MethodCalls, ended: Ended): Promise<unknown> {
  try {
    const message = await reply;
    calls.sent++;
    ended(Status.OK);
    return message;
  } catch (error) {
    ended(codeOf(error));
    throw error;
  }
}

function countedStream(run: Method, calls: MethodCalls): Method {
  const isBidi = calls.method.methodKind === "bidi_streaming";
  return (request, context) => {
    const ended = begin(calls);
    if (!isBidi) calls.received++;
    const requests = isBidi ? countedRequests(request as AsyncIterable<unknown>, calls) : request;
    try {
      return countedResponses(run(requests, context) as AsyncIterable<unknown>, calls, ended);
    } catch (error) {
      ended(codeOf(error));
      throw error;
    }
  };
}

function countedRequests(requests: AsyncIterable<unknown>, calls: MethodCalls): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = requests[Symbol.asyncIterator]();
      return {
        next: () =>
          iterator.next().then((next) => {
            if (next.done !== true) calls.received++;
            return next;
          }),
        return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      };
    },
  };
}

/** No generator: it would put a second one behind each message of a watch. */
function countedResponses(
  responses: AsyncIterable<unknown>,
  calls: MethodCalls,
  ended: Ended,
): AsyncIterableIterator<unknown> {
  const iterator = responses[Symbol.asyncIterator]();
  const onNext = (next: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (next.done === true) ended(Status.OK);
    else calls.sent++;
    return next;
  };
  const onError = (error: unknown): never => {
    ended(codeOf(error));
    throw error;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => iterator.next().then(onNext, onError),
    return: () => {
      // Whoever takes no more before the end has lost its client, or is ending the call itself.
      ended(Status.CANCELLED);
      return iterator.return?.() ?? Promise.resolve({ done: true, value: undefined });
    },
  };
}

type Ended = (code: number) => void;

/** Counts a call's begin; what is returned counts its end, the first time. */
function begin(calls: MethodCalls): Ended {
  calls.started++;
  const { observeSeconds } = calls;
  const startMs = observeSeconds === undefined ? 0 : performance.now();
  let isOpen = true;
  return (code) => {
    if (!isOpen) return;
    isOpen = false;
    calls.handled[code] = (calls.handled[code] ?? 0) + 1;
    observeSeconds?.((performance.now() - startMs) / 1000);
  };
}

function codeOf(error: unknown): number {
  return expectedStatus(error)?.code ?? Status.UNKNOWN;
}
