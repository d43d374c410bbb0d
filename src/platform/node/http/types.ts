/** HTTP/1.1 and HTTP/2 requests, in what both have: all that is served beside native gRPC is served on both. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Both declare the same methods with overloads that do not unite; these are the forms in use. */
export type HttpResponse = (ServerResponse | Http2ServerResponse) & {
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  write(chunk: Uint8Array, written?: () => void): boolean;
  end(body?: string | Uint8Array): unknown;
  end(body: string, encoding: BufferEncoding): unknown;
};
