/** A request other than gRPC, in the shape that all of http/ is written for: that of node:http and node:http2. */
import type { IncomingHeaders, Stream, StreamReceiver } from "../../../h2/index.ts";
import type { HttpRequest, HttpResponse } from "../http/types.ts";
import { EngineRequest } from "./request.ts";
import { EngineResponse } from "./response.ts";

const CONTINUE = Object.freeze({ ":status": 100 });

/** Hands a stream on as a request and a response. */
export function exchange(
  stream: Stream,
  headers: IncomingHeaders,
  handle: (request: HttpRequest, response: HttpResponse) => void,
): void {
  if (headers[":method"] === "CONNECT") {
    stream.respondOnly({ ":status": 405 });
    return;
  }
  if (String(headers.expect ?? "").toLowerCase() === "100-continue") stream.inform(CONTINUE);
  const request = new EngineRequest(stream, headers);
  const response = new EngineResponse(stream, request);
  const receiver: StreamReceiver = {
    received: (piece) => request.received(piece),
    halfClosed: () => request.ended(),
    roomAgain: () => response.roomAgain(),
    closed: (code) => {
      request.streamClosed(code);
      response.streamClosed();
    },
  };
  stream.attach(receiver);
  handle(request as unknown as HttpRequest, response as unknown as HttpResponse);
}
