import type { Interceptor, Transport } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-connect";
import type { BridgeClient } from "../bridge/client.ts";
import { unaryTransport } from "./unary.ts";

const BASE_URL = "http://etcdlite";
const NO_LIMIT_BYTES = 0xffffffff;

/**
 * Connect's protocol over whatever carries HTTP; there is no network, and so no compression.
 * @param interceptors of streams
 */
export function storeTransport(http: Pick<BridgeClient, "fetch" | "call">, interceptors: Interceptor[]): Transport {
  const { stream } = createTransport({
    httpClient: http.fetch,
    baseUrl: BASE_URL,
    useBinaryFormat: true,
    interceptors,
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: NO_LIMIT_BYTES,
    readMaxBytes: NO_LIMIT_BYTES,
    writeMaxBytes: NO_LIMIT_BYTES,
  });
  return { unary: unaryTransport((request, signal) => http.call(request, signal), BASE_URL), stream };
}
