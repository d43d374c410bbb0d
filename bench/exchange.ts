/** One call as bytes, over HTTP/1.1 or HTTP/2, with nothing between that could hide what a server answers. */
import { request } from "node:http";
import { connect, type IncomingHttpHeaders } from "node:http2";
import type { Call, Reply, Target } from "./row.ts";

const TIMEOUT_MS = 60_000;

export function exchange(target: Target, call: Call): Promise<Reply> {
  return call.http === 1 ? overHttp1(target.http1Url, call) : overHttp2(target.url, call);
}

function overHttp1(url: string, { path, headers, body }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // Kept alive as wrk keeps it, for the headers are others otherwise.
    const sent = { ...headers, "content-length": body.length, connection: "keep-alive" };
    const options = { method: "POST", agent: false as const, headers: sent, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const outgoing = request(`${url}${path}`, options, async (response) => {
      const { socket } = response;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({
        status: response.statusCode ?? 0,
        headers: texts(response.headers),
        trailers: {},
        body: Buffer.concat(chunks),
        wireBytes: socket.bytesRead,
      });
      outgoing.destroy();
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function overHttp2(url: string, { path, headers, body }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const session = connect(url, { settings: { initialWindowSize: 2 ** 30 } });
    session.on("error", reject);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const stream = session.request({ ":method": "POST", ":path": path, ...headers }, { signal });
    let received: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (got) => {
      received = got;
    });
    stream.on("trailers", (got) => {
      trailers = got;
    });
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      session.close();
      const all = texts(received);
      resolve({
        status: Number(all[":status"] ?? 0),
        headers: all,
        trailers: texts(trailers),
        body: Buffer.concat(chunks),
        wireBytes: 0,
      });
    });
    stream.end(body);
  });
}

function texts(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
