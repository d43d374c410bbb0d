/** A transport over a fetch handler, without a network. Unlike a browser's fetch it can send a body as it comes. */
import type { Transport } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest } from "@connectrpc/connect/protocol";
import { createTransport as createConnectTransport } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWebTransport } from "@connectrpc/connect/protocol-grpc-web";

type Handler = (request: Request) => Promise<Response>;

export function fetchTransport(protocol: string, handler: Handler): Transport {
  return transportOver(clientOf(handler), protocol, "http://in-process");
}

export function transportOver(httpClient: UniversalClientFn, protocol: string, baseUrl: string): Transport {
  const options = {
    httpClient,
    baseUrl,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: 0xffff_ffff,
    writeMaxBytes: 0xffff_ffff,
  };
  switch (protocol) {
    case "connect":
      return createConnectTransport(options);
    case "grpc-web":
      return createGrpcWebTransport(options);
    default:
      throw new Error(`fetch has no ${protocol}`);
  }
}

function clientOf(handler: Handler): UniversalClientFn {
  return async (request) => {
    const { status, headers, body } = await handler(requestOf(request));
    return { status, header: headers, body: bytesOf(body), trailer: new Headers() };
  };
}

function requestOf({ method, url, header, body, signal }: UniversalClientRequest): Request {
  // The types of the DOM do not know it yet; without it a stream is refused.
  const half = { duplex: "half" } as RequestInit;
  return new Request(url, { ...half, method, headers: header, body: body && streamOf(body), signal });
}

async function* bytesOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (stream !== null) yield* stream;
}

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const chunk = await chunks.next();
      if (chunk.done === true) controller.close();
      else controller.enqueue(chunk.value);
    },
  });
}
