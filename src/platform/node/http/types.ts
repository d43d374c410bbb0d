/** HTTP/1.1 and HTTP/2 requests, in what both have: all that is served beside native gRPC is served on both. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Of a response: names and values by turns. */
export type HeadList = readonly string[];

export type HttpRequest = (IncomingMessage | Http2ServerRequest) & {
  /**
   * Calls back once with all of the body, in the step in which its last byte comes; never for a client that leaves before.
   * That takes no listeners and no turns of the loop, and is for bodies of at most `SMALL_BYTES`.
   * @returns false where nobody will call
   */
  whenWhole?(callback: (body: Uint8Array) => void): boolean;
};
/** A body that there is room for anyway: nobody counts it, and a request keeps it by itself. */
export const SMALL_BYTES = 16 * 1024;

/** Both declare the same methods with overloads that do not unite; these are the forms in use. */
export type HttpResponse = (ServerResponse | Http2ServerResponse) & {
  writeHead(status: number, headers?: OutgoingHttpHeaders | string[]): unknown;
  write(chunk: Uint8Array, written?: () => void): boolean;
  /** All of a response at once, where there is a shorter way than the others. */
  respondWhole?(status: number, head: HeadList, body: Uint8Array): void;
  end(body?: string | Uint8Array): unknown;
  end(body: string, encoding: BufferEncoding): unknown;
};
