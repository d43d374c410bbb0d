/**
 * Counts what becomes of calls, as gRPC servers in Go do it for Prometheus: one place for all protocols, around
 * the services' methods. A unary method still returns its message at once.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Status } from "../../../errors.ts";
import {
  type AnyMethod,
  expectedStatus,
  type Readiness,
  type ReadyIterator,
  readinessOf,
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
    try {
      const requests = isBidi ? new CountedRequests(request as AsyncIterable<unknown>, calls) : request;
      return new CountedResponses(run(requests, context) as AsyncIterable<unknown>, calls, startMs);
    } catch (error) {
      end(calls, startMs, codeOf(error));
      throw error;
    }
  };
}

/** No generator: it would put a second one behind each message of a watch. */
abstract class Counted implements ReadyIterator<unknown> {
  protected readonly calls: MethodCalls;
  readonly #messages: AsyncIterator<unknown>;
  readonly #readiness: Readiness<unknown>;

  constructor(messages: AsyncIterable<unknown>, calls: MethodCalls) {
    this.calls = calls;
    this.#messages = messages[Symbol.asyncIterator]();
    this.#readiness = readinessOf(this.#messages);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): unknown {
    const message = this.#readiness.ready();
    if (message !== undefined) this.passed();
    return message;
  }

  whenReady(callback: () => void): boolean {
    return this.#readiness.whenReady(callback);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#messages.next().then((next) => {
      if (next.done !== true) this.passed();
      return next;
    });
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    return this.#messages.return?.() ?? Promise.resolve({ done: true, value: undefined });
  }

  /** A message has. */
  protected abstract passed(): void;
}

class CountedRequests extends Counted {
  protected passed(): void {
    this.calls.received++;
  }
}

class CountedResponses extends Counted {
  readonly #startMs: number;
  #isOpen = true;

  constructor(messages: AsyncIterable<unknown>, calls: MethodCalls, startMs: number) {
    super(messages, calls);
    this.#startMs = startMs;
  }

  override ready(): unknown {
    try {
      return super.ready();
    } catch (error) {
      return this.#failed(error);
    }
  }

  override whenReady(callback: () => void): boolean {
    try {
      return super.whenReady(callback);
    } catch (error) {
      return this.#failed(error);
    }
  }

  override next(): Promise<IteratorResult<unknown, undefined>> {
    return super.next().then(
      (next) => {
        if (next.done === true) this.#ended(Status.OK);
        return next;
      },
      (error: unknown) => this.#failed(error),
    );
  }

  override return(): Promise<IteratorResult<unknown, undefined>> {
    // Whoever takes no more before the end has lost its client, or is ending the call itself.
    this.#ended(Status.CANCELLED);
    return super.return();
  }

  protected passed(): void {
    this.calls.sent++;
  }

  #failed(error: unknown): never {
    this.#ended(codeOf(error));
    throw error;
  }

  #ended(code: number): void {
    if (this.#isOpen) end(this.calls, this.#startMs, code);
    this.#isOpen = false;
  }
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
