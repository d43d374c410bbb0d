/**
 * The services on Connect's router: Connect, gRPC-Web and gRPC as functions from an HTTP request to a response,
 * whatever carries the two. Node, the browser's worker and fetch runtimes mount the same handlers.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { Compression, UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { AnyMethod, ServiceBinding } from "./binding.ts";
import { shallow, shallowBody, shallowMessages } from "./jsondepth.ts";
import { connectErrorOf, type OnFault } from "./status.ts";

export const DEFAULT_MAX_DEPTH = 1000;
const JSON_TYPE = /[/+]json\b/i;
/** One message, without an envelope. */
const BARE_JSON_TYPE = /^application\/json\b/i;

export interface ConnectHandlersOptions {
  readonly bindings: readonly ServiceBinding[];
  /** The largest message that is read, in its binary form. */
  readonly maxMessageBytes: number;
  /** Its reason is the error that open calls end with. */
  readonly shutdownSignal: AbortSignal;
  /** None by default. */
  readonly acceptCompression?: Compression[];
  /** How deep a message may be nested, JSON or not. Default 1,000. */
  readonly maxMessageDepth?: number;
  readonly onFault: OnFault;
}

/** JSON carries bytes in base64: a request of the largest size must fit in it too. */
export function maxReadBytes({ maxMessageBytes }: Pick<ConnectHandlersOptions, "maxMessageBytes">): number {
  return Math.ceil((maxMessageBytes * 4) / 3);
}

/** The handlers by their paths, `/etcdserverpb.KV/Range`. */
export function connectHandlers(options: ConnectHandlersOptions): ReadonlyMap<string, UniversalHandler> {
  const { maxMessageDepth = DEFAULT_MAX_DEPTH, acceptCompression = [] } = options;
  const forJson = acceptCompression.map((compression) => shallow(compression, maxMessageDepth));
  const json = handlersWith(options, forJson);
  return new Map(
    [...handlersWith(options, acceptCompression)].map(([path, handler]) => {
      return [path, byContentType(handler, json.get(path) as UniversalHandler, maxMessageDepth)];
    }),
  );
}

/** JSON goes a way of its own, on which its depth is looked at before it is parsed. */
function byContentType(binary: UniversalHandler, json: UniversalHandler, maxDepth: number): UniversalHandler {
  const handle = (request: UniversalServerRequest): ReturnType<UniversalHandler> => {
    const contentType = request.header.get("content-type") ?? "";
    const { body } = request;
    if (!JSON_TYPE.test(contentType) || !isBytes(body)) return binary(request);
    // What is compressed as a whole is looked at when it is not any more.
    if (request.header.has("content-encoding")) return json(request);
    const isBare = BARE_JSON_TYPE.test(contentType);
    return json({ ...request, body: isBare ? shallowBody(body, maxDepth) : shallowMessages(body, maxDepth) });
  };
  return Object.assign(handle, binary);
}

function isBytes(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

function handlersWith(
  options: ConnectHandlersOptions,
  acceptCompression: Compression[],
): ReadonlyMap<string, UniversalHandler> {
  const { maxMessageDepth = DEFAULT_MAX_DEPTH } = options;
  const router = createConnectRouter({
    acceptCompression,
    binaryOptions: { recursionLimit: maxMessageDepth },
    jsonOptions: { recursionLimit: maxMessageDepth },
    readMaxBytes: maxReadBytes(options),
    shutdownSignal: options.shutdownSignal,
  });
  for (const { service, impl } of options.bindings) {
    const methods = impl as Record<string, AnyMethod | undefined>;
    const wrapped: Record<string, AnyMethod> = {};
    for (const method of service.methods) {
      const run = methods[method.localName]?.bind(impl) ?? unimplemented(service.typeName, method);
      wrapped[method.localName] = withConnectErrors(method, run, options.onFault);
    }
    router.service(service, wrapped as unknown as Partial<ServiceImpl<typeof service>>);
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

function withConnectErrors(method: DescMethod, run: AnyMethod, onFault: OnFault): AnyMethod {
  const convert = (error: unknown, { signal }: HandlerContext): ConnectError =>
    connectErrorOf(error, signal, method, onFault);
  switch (method.methodKind) {
    case "unary":
    case "client_streaming":
      return async (request, context) => {
        try {
          return await run(request, context);
        } catch (error) {
          throw convert(error, context);
        }
      };
    case "server_streaming":
    case "bidi_streaming":
      return async function* (request, context) {
        try {
          yield* run(request, context) as AsyncIterable<unknown>;
        } catch (error) {
          throw convert(error, context);
        }
      };
  }
}

function unimplemented(service: string, method: DescMethod): AnyMethod {
  const error = new ConnectError(`unknown method ${method.name} for service ${service}`, Code.Unimplemented);
  if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
    return () => {
      throw error;
    };
  }
  // biome-ignore lint/correctness/useYield: it has nothing to say but the error
  return async function* () {
    throw error;
  };
}
