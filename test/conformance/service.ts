/** The suite's service: each request tells what is to be answered, and the answer tells what has been seen. */
import { create, type Message } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { AnyMethod, ServiceBinding } from "../../src/rpc/index.ts";
import type { ErrorDefinition, Header, Request, StreamDefinition, Suite, UnaryDefinition } from "./messages.ts";

export function conformanceService(suite: Suite): ServiceBinding {
  const service = new Service(suite);
  const impl: Record<string, AnyMethod> = {
    unary: (request, context) => service.unary("UnaryResponse", [request as Request<UnaryDefinition>], context),
    idempotentUnary: (request, context) =>
      service.unary("IdempotentUnaryResponse", [request as Request<UnaryDefinition>], context),
    clientStream: async (requests, context) =>
      service.unary("ClientStreamResponse", await all(requests as AsyncIterable<Request<UnaryDefinition>>), context),
    serverStream: (request, context) =>
      service.stream("ServerStreamResponse", [request as Request<StreamDefinition>], context),
    bidiStream: (requests, context) => service.bidi(requests as AsyncIterable<Request<StreamDefinition>>, context),
  };
  return { service: suite.service, impl } as unknown as ServiceBinding;
}

class Service {
  readonly #suite: Suite;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async unary(
    output: string,
    requests: readonly Request<UnaryDefinition>[],
    context: HandlerContext,
  ): Promise<Message> {
    const definition = requests[0]?.responseDefinition;
    setHeaders(definition, context);
    await delay(definition?.responseDelayMs ?? 0, context);
    const response = definition?.response;
    if (response?.case === "error") throw this.#error(response.value, requests, context);
    const data = response?.case === "responseData" ? response.value : undefined;
    return this.#response(output, data, { requests, context });
  }

  async *stream(
    output: string,
    requests: readonly Request<StreamDefinition>[],
    context: HandlerContext,
  ): AsyncGenerator<Message> {
    const definition = requests[0]?.responseDefinition;
    setHeaders(definition, context);
    let isFirst = true;
    for (const data of definition?.responseData ?? []) {
      await delay(definition?.responseDelayMs ?? 0, context);
      yield this.#response(output, data, isFirst ? { requests, context } : undefined);
      isFirst = false;
    }
    if (definition?.error !== undefined) {
      throw this.#error(definition.error, isFirst ? requests : undefined, context);
    }
  }

  /** In full duplex an answer to each request; else all of them once the client has said everything. */
  async *bidi(requests: AsyncIterable<Request<StreamDefinition>>, context: HandlerContext): AsyncGenerator<Message> {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true) return;
    if (first.value.fullDuplex !== true) {
      const rest = await all({ [Symbol.asyncIterator]: () => iterator });
      yield* this.stream("BidiStreamResponse", [first.value, ...rest], context);
      return;
    }
    const definition = first.value.responseDefinition;
    setHeaders(definition, context);
    const answers = [...(definition?.responseData ?? [])];
    let sent = 0;
    let request: IteratorResult<Request<StreamDefinition>> = first;
    while (request.done !== true) {
      const data = answers[sent];
      if (data === undefined) break;
      await delay(definition?.responseDelayMs ?? 0, context);
      const requestsSeen = [request.value];
      yield sent === 0
        ? this.#response("BidiStreamResponse", data, { requests: requestsSeen, context })
        : this.#response("BidiStreamResponse", data, { requests: requestsSeen });
      sent++;
      request = await iterator.next();
    }
    // What is left when the client has said its last.
    for (const data of answers.slice(sent)) {
      await delay(definition?.responseDelayMs ?? 0, context);
      yield this.#response("BidiStreamResponse", data, undefined);
    }
    if (definition?.error !== undefined) {
      throw this.#error(definition.error, sent === 0 ? [first.value] : undefined, context);
    }
  }

  #response(output: string, data: Uint8Array | undefined, seen: Seen | undefined): Message {
    const payload = { data: data ?? new Uint8Array(), ...(seen && { requestInfo: this.#info(seen) }) };
    return create(this.#suite.message(output), { payload });
  }

  #info({ requests, context }: Seen): Message {
    const schema = this.#suite.message("ConformancePayload.RequestInfo");
    const packed = requests.map((request) => anyPack(this.#schemaOf(request), request));
    if (context === undefined) return create(schema, { requests: packed });
    const timeoutMs = context.timeoutMs();
    const { searchParams } = new URL(context.url, "http://localhost");
    return create(schema, {
      requests: packed,
      requestHeaders: [...context.requestHeader].map(([name, value]) => ({ name, value: value.split(", ") })),
      ...(timeoutMs === undefined ? {} : { timeoutMs: BigInt(Math.max(0, Math.ceil(timeoutMs))) }),
      ...(context.requestMethod === "GET" && {
        connectGetInfo: { queryParams: [...searchParams].map(([name, value]) => ({ name, value: [value] })) },
      }),
    });
  }

  #error(
    { code, message, details }: ErrorDefinition,
    requests: readonly Message[] | undefined,
    context: HandlerContext,
  ): ConnectError {
    const error = new ConnectError(message ?? "", code as Code);
    for (const any of details) {
      const value = anyUnpack(any, this.#suite.registry);
      if (value === undefined) throw new ConnectError(`unknown detail ${any.typeUrl}`, Code.Internal);
      error.details.push({ type: value.$typeName, value: any.value });
    }
    if (requests !== undefined) {
      const info = this.#suite.message("ConformancePayload.RequestInfo");
      const { typeUrl, value } = anyPack(info, this.#info({ requests, context }));
      error.details.push({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value });
    }
    return error;
  }

  #schemaOf({ $typeName }: Message) {
    const schema = this.#suite.registry.getMessage($typeName);
    if (schema === undefined) throw new Error(`unknown message ${$typeName}`);
    return schema;
  }
}

interface Seen {
  readonly requests: readonly Message[];
  /** Its headers and deadline are told once a call. */
  readonly context?: HandlerContext;
}

function setHeaders(
  definition: { readonly responseHeaders: readonly Header[]; readonly responseTrailers: readonly Header[] } | undefined,
  context: HandlerContext,
): void {
  for (const { name, value } of definition?.responseHeaders ?? []) {
    for (const one of value) context.responseHeader.append(name, one);
  }
  for (const { name, value } of definition?.responseTrailers ?? []) {
    for (const one of value) context.responseTrailer.append(name, one);
  }
}

function delay(ms: number, { signal }: HandlerContext): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
