import { create, type DescMethod } from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type Transport,
  type UnaryRequest,
} from "@connectrpc/connect";

/**
 * A transport with interceptors before it, for a transport that is already made. The interceptors see the
 * message, method and signal; header and URL are the transport's own affair.
 */
export function layered(transport: Transport, interceptors: readonly Interceptor[]): Transport {
  const wrap = (run: (request: UnaryRequest | StreamRequest) => Promise<unknown>) =>
    interceptors.reduceRight((next, interceptor) => interceptor(next as Parameters<Interceptor>[0]) as typeof run, run);
  return {
    unary(method, signal, timeoutMs, header, message, contextValues) {
      const run = wrap((request) => {
        const { message: sent } = request as UnaryRequest;
        return transport.unary(method, signal, timeoutMs, request.header, sent as typeof message, contextValues);
      });
      const request = { ...about(method, signal, header, contextValues), stream: false };
      return run({ ...request, message: create(method.input, message) } as unknown as UnaryRequest) as ReturnType<
        typeof transport.unary<typeof method.input, typeof method.output>
      >;
    },
    stream(method, signal, timeoutMs, header, input, contextValues) {
      const run = wrap((request) => {
        const { message: sent } = request as StreamRequest;
        return transport.stream(method, signal, timeoutMs, request.header, sent as typeof input, contextValues);
      });
      const request = { ...about(method, signal, header, contextValues), stream: true };
      return run({ ...request, message: input } as unknown as StreamRequest) as ReturnType<
        typeof transport.stream<typeof method.input, typeof method.output>
      >;
    },
  };
}

/** What an interceptor sees of a call besides its message. */
function about(
  method: DescMethod,
  signal: AbortSignal | undefined,
  header: HeadersInit | undefined,
  contextValues: ContextValues | undefined,
) {
  return {
    service: method.parent,
    method,
    requestMethod: "POST",
    url: `/${method.parent.typeName}/${method.name}`,
    signal: signal ?? new AbortController().signal,
    header: new Headers(header),
    contextValues: contextValues ?? createContextValues(),
  };
}

/** A transport that is still to come: calls wait for it. */
export function deferred(coming: Promise<Transport>): Transport {
  // A call that waits for it says so; one that never comes is no fault of its own.
  coming.catch(() => {});
  return {
    unary: async (...call) => (await coming).unary(...call),
    stream: async (...call) => (await coming).stream(...call),
  };
}
