/**
 * Counts what becomes of calls, as gRPC servers in Go do it for Prometheus: one place for all protocols, around
 * the services' methods. A unary method still returns its message at once.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Status } from "../../../errors.ts";
import {
  type AnyMethod,
  expectedStatus,
  type ReadyIterator,
  readyOf,
  type ServiceBinding,
  wrapServices,
} from "../../../rpc/index.ts";

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
  readonly calls: readonly MethodCalls[];
}

const CODES = Object.keys(Status).length;

/** The same services, with their calls counted. */
export function countedServices(bindings: readonly ServiceBinding[]): CountedServices {
  const calls: MethodCalls[] = [];
  const counted = wrapServices(bindings, (method, run) => {
    const handled = new Array<number>(CODES).fill(0);
    const count = { method, started: 0, received: 0, sent: 0, handled, observeSeconds: undefined };
    calls.push(count);
    return method.methodKind === "unary" ? countedUnary(run, count) : countedStream(run, count);
  });
  return { bindings: counted, calls };
}

function countedUnary(run: AnyMethod, calls: MethodCalls): AnyMethod {
  return (request, context) => {
    const startMs = begin(calls);
    calls.received++;
    let reply: unknown;
    try {
      reply = run(request, context);
    } catch (error) {
      end(calls, startMs, codeOf(error));
      throw error;
    }
    if (reply instanceof Promise) return countedReply(reply, calls, startMs);
    calls.sent++;
    end(calls, startMs, Status.OK);
    return reply;
  };
}

async function countedReply(reply: Promise<unknown>, calls: MethodCalls, startMs: number): Promise<unknown> {
  try {
    const message = await reply;
    calls.sent++;
    end(calls, startMs, Status.OK);
    return message;
  } catch (error) {
    end(calls, startMs, codeOf(error));
    throw error;
  }
}

function countedStream(run: AnyMethod, calls: MethodCalls): AnyMethod {
  const isBidi = calls.method.methodKind === "bidi_streaming";
  return (request, context) => {
    const startMs = begin(calls);
    if (!isBidi) calls.received++;
    const requests = isBidi ? countedRequests(request as AsyncIterable<unknown>, calls) : request;
    try {
      return countedResponses(run(requests, context) as AsyncIterable<unknown>, calls, startMs);
    } catch (error) {
      end(calls, startMs, codeOf(error));
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
  startMs: number,
): ReadyIterator<unknown> {
  const iterator = responses[Symbol.asyncIterator]();
  const ready = readyOf(iterator);
  let isOpen = true;
  const ended = (code: number): void => {
    if (isOpen) end(calls, startMs, code);
    isOpen = false;
  };
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
    ready: () => {
      let message: unknown;
      try {
        message = ready?.();
      } catch (error) {
        return onError(error);
      }
      if (message !== undefined) calls.sent++;
      return message;
    },
    next: () => iterator.next().then(onNext, onError),
    return: () => {
      // Whoever takes no more before the end has lost its client, or is ending the call itself.
      ended(Status.CANCELLED);
      return iterator.return?.() ?? Promise.resolve({ done: true, value: undefined });
    },
  } as ReadyIterator<unknown>;
}

/** @returns when it began, by performance.now(), where somebody wants to know how long calls take */
function begin(calls: MethodCalls): number {
  calls.started++;
  return calls.observeSeconds === undefined ? 0 : performance.now();
}

function end(calls: MethodCalls, startMs: number, code: number): void {
  calls.handled[code] = (calls.handled[code] ?? 0) + 1;
  calls.observeSeconds?.((performance.now() - startMs) / 1000);
}

function codeOf(error: unknown): number {
  return expectedStatus(error)?.code ?? Status.UNKNOWN;
}

const POLL_MS = 5;
/** They wait for their clients, who may say nothing for ever. */
const ENDLESS: ReadonlySet<string> = new Set(["etcdserverpb.Lease.LeaseKeepAlive", "grpc.health.v1.Health.Watch"]);

/** Settles when no call is under way but those that never end by themselves, or after `graceMs`. */
export async function settled(calls: readonly MethodCalls[], graceMs: number): Promise<void> {
  const untilMs = performance.now() + graceMs;
  const counted = calls.filter(({ method }) => !ENDLESS.has(`${method.parent.typeName}.${method.name}`));
  const isOpen = ({ started, handled }: MethodCalls): boolean =>
    started > handled.reduce((sum, count) => sum + count, 0);
  while (counted.some(isOpen) && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
