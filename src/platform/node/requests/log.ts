/**
 * What calls tell the log: on demand one line each, when they are over, and of slow unary ones a warning, as etcd's.
 * One place for all protocols, around the services' methods. Neither has values, passwords or tokens; the line of a
 * call has no keys either.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { Status } from "../../../errors.ts";
import {
  type AnyMethod,
  clientAddress,
  expectedStatus,
  type ServiceBinding,
  wrapServices,
} from "../../../rpc/index.ts";
import type { Log, LogFields } from "../log.ts";
import { type Ended, sizeOf } from "./call.ts";
import { slowFields } from "./slow.ts";
import { observedRequests, observedResponses, type StreamObserver } from "./streams.ts";

export interface RequestLogOptions {
  readonly log: Log;
  /** Every call, not only while the log is verbose. */
  readonly all: boolean;
  /** A unary call that takes longer is worth a warning. */
  readonly slowMs: number;
  /** Undefined for a call that does not say whose it is, or of nobody. */
  readonly userOf: (context: HandlerContext) => string | undefined;
}

const CODE_NAMES = new Map<number, string>(Object.entries(Status).map(([name, code]) => [code, name]));

/** The same services, with their calls told to the log. */
export function loggedServices(bindings: readonly ServiceBinding[], options: RequestLogOptions): ServiceBinding[] {
  const log = new RequestLog(options);
  return wrapServices(bindings, (method, run) =>
    method.methodKind === "unary" ? unary(method, run, log) : stream(method, run, log),
  );
}

interface StreamFigures {
  requests: number;
  requestBytes: number;
  responses: number;
  responseBytes: number;
  /** Of the last response that has one. */
  revision: number | undefined;
}

class RequestLog {
  readonly #options: RequestLogOptions;

  constructor(options: RequestLogOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#options.all || this.#options.log.isVerbose === true;
  }

  /** What is asked of every unary call, and must cost little. */
  unary(call: Ended): void {
    const tookMs = performance.now() - call.startMs;
    const isSlow = tookMs > this.#options.slowMs;
    if (isSlow) this.#options.log.warn("request stats", slowFields(call, tookMs));
    if (!this.isOn) return;
    const { method, request, reply } = call;
    this.#tell(call, tookMs, {
      requestBytes: sizeOf(method.input, request),
      responseBytes: reply === undefined ? 0 : sizeOf(method.output, reply),
      revision: revisionOf(reply),
    });
  }

  stream(call: Ended, figures: LogFields): void {
    if (this.isOn) this.#tell(call, performance.now() - call.startMs, figures);
  }

  #tell({ method, context, error }: Ended, tookMs: number, figures: LogFields): void {
    const { log, all, userOf } = this.#options;
    const fields = {
      method: `/${method.parent.typeName}/${method.name}`,
      code: codeName(error),
      ms: Math.round(tookMs * 1000) / 1000,
      user: userOf(context),
      remote: context.values.get(clientAddress),
      ...figures,
    };
    if (all) log.info("call", fields);
    else log.debug("call", fields);
  }
}

function unary(method: DescMethod, run: AnyMethod, log: RequestLog): AnyMethod {
  return (request, context) => {
    const startMs = performance.now();
    const succeeded = <T>(reply: T): T => {
      log.unary({ method, context, startMs, request, reply, error: undefined });
      return reply;
    };
    const failed = (error: unknown): never => {
      log.unary({ method, context, startMs, request, reply: undefined, error });
      throw error;
    };
    let reply: unknown;
    try {
      reply = run(request, context);
    } catch (error) {
      return failed(error);
    }
    return reply instanceof Promise ? reply.then(succeeded, failed) : succeeded(reply);
  };
}

/** One that begins while nobody wants to know is not told of at its end. */
function stream(method: DescMethod, run: AnyMethod, log: RequestLog): AnyMethod {
  return (request, context) => {
    if (!log.isOn) return run(request, context);
    const counts: StreamFigures = { requests: 0, requestBytes: 0, responses: 0, responseBytes: 0, revision: undefined };
    const startMs = performance.now();
    // Of a connection that is gone nobody knows it any more.
    const remote = context.values.get(clientAddress);
    const observer: StreamObserver = {
      request: (message) => {
        counts.requests++;
        counts.requestBytes += sizeOf(method.input, message);
      },
      response: (message) => {
        counts.responses++;
        counts.responseBytes += sizeOf(method.output, message);
        counts.revision = revisionOf(message) ?? counts.revision;
      },
      end: (error) => log.stream({ method, context, startMs, request, reply: undefined, error }, { ...counts, remote }),
    };
    return observedResponses(() => run(observedRequests(request, observer), context), observer);
  };
}

function revisionOf(reply: unknown): number | undefined {
  const { header } = (reply ?? {}) as { readonly header?: { readonly revision?: bigint } };
  return header?.revision === undefined ? undefined : Number(header.revision);
}

function codeName(error: unknown): string {
  const code = error === undefined ? Status.OK : (expectedStatus(error)?.code ?? Status.UNKNOWN);
  return CODE_NAMES.get(code) ?? String(code);
}
