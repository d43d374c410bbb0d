/** One request over either HTTP version, and its whole answer. Unlike fetch, it sends paths and headers as they are. */
import http from "node:http";
import http2 from "node:http2";

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export type Ask = (
  url: string,
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string,
) => Promise<Answer>;

const overHttp1: Ask = (url, method, path, headers, body) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method, path, headers, agent: false }, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        received += chunk;
      });
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: received,
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });

const overHttp2: Ask = (url, method, path, { host, ...headers } = {}, body) =>
  new Promise((resolve, reject) => {
    const session = http2.connect(url);
    session.on("error", reject);
    const authority = host === undefined ? {} : { ":authority": host };
    const stream = session.request({ ":method": method, ":path": path, ...authority, ...headers });
    let answered: http2.IncomingHttpHeaders = {};
    let received = "";
    stream.setEncoding("utf8");
    stream.on("response", (head) => {
      answered = head;
    });
    stream.on("data", (chunk) => {
      received += chunk;
    });
    stream.on("error", reject);
    stream.on("close", () => {
      session.destroy();
      resolve({
        status: Number(answered[":status"] ?? 0),
        headers: answered as Record<string, string>,
        body: received,
      });
    });
    stream.end(body);
  });

export const VERSIONS: readonly (readonly [string, Ask])[] = [
  ["HTTP/1.1", overHttp1],
  ["HTTP/2", overHttp2],
];
