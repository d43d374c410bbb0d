/**
 * The most that Node's own servers can do, in a process of its own: it looks at nothing of a request but its end, and
 * answers with bytes that it was told before. What any service in Node can come near and not pass.
 *
 * Told by messages: the replies by path. Tells its two ports. `node bench/limit/server.ts engine|node`
 */
import { createServer as createHttp1 } from "node:http";
import { createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { type Constant, createFrameLoop } from "./frames.ts";
import type { ConstantReply } from "./start.ts";

const NO_FLOW = 2 ** 30;
let replies = new Map<string, Constant>();

process.on("message", (told: Readonly<Record<string, ConstantReply>>) => {
  replies = new Map(
    Object.entries(told).map(([path, reply]) => [path, { ...reply, bytes: Buffer.from(reply.body, "base64") }]),
  );
  process.send?.("told");
});
process.on("disconnect", () => process.exit());

const http1 = createHttp1((request, response) => {
  request.resume();
  request.on("end", () => {
    const reply = replies.get(request.url ?? "");
    if (reply === undefined) return response.writeHead(404).end();
    response.sendDate = false;
    return response.writeHead(200, { ...reply.headers, "content-length": reply.bytes.length }).end(reply.bytes);
  });
});

const nodeHttp2 = createHttp2({ settings: { initialWindowSize: NO_FLOW } });
nodeHttp2.on("stream", (stream: ServerHttp2Stream, headers) => {
  const reply = replies.get(String(headers[":path"]));
  stream.on("error", () => undefined);
  if (reply === undefined) return stream.respond({ ":status": 404 }, { endStream: true });
  if (reply.trailers !== undefined) stream.once("wantTrailers", () => stream.sendTrailers({ ...reply.trailers }));
  const respond = () =>
    stream.respond({ ":status": 200, ...reply.headers }, { waitForTrailers: reply.trailers !== undefined });
  if (reply.requestBytes !== undefined) {
    respond();
    return repeat(stream, reply, reply.requestBytes);
  }
  stream.resume();
  return stream.on("end", () => {
    respond();
    stream.end(reply.bytes);
  });
});

/** A reply for each request of that many bytes, however they are cut into frames; those that came together in one. */
function repeat(stream: ServerHttp2Stream, { bytes }: Constant, requestBytes: number): void {
  let received = 0;
  stream.on("data", (chunk: Buffer) => {
    received += chunk.length;
    const count = Math.floor(received / requestBytes);
    received -= count * requestBytes;
    if (count > 0) stream.write(count === 1 ? bytes : Buffer.concat(new Array(count).fill(bytes)));
  });
  stream.on("end", () => stream.end());
}

const http2 = process.argv[2] === "engine" ? createFrameLoop((path) => replies.get(path)) : nodeHttp2;
http1.listen(0, "127.0.0.1", () => {
  http2.listen(0, "127.0.0.1", () => {
    process.send?.({ http1: (http1.address() as AddressInfo).port, http2: (http2.address() as AddressInfo).port });
  });
});
