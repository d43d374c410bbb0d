/** Small requests, which are read and answered as a whole: however they come, the answers are the same, and in order. */
import http2 from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { RawSocket } from "./support/raw.ts";
import { createServer } from "./support/server.ts";

const JSON_TYPE = "Content-Type: application/json";
const CONNECT = "/etcdserverpb.KV/Range";
const GATEWAY = "/v3/kv/range";

async function startServer(): Promise<string> {
  const server = await createServer();
  onTestFinished(() => server.close());
  return server.url;
}

/** What comes back until the server has closed the connection, as the last request asks. */
async function exchanged(url: string, pieces: readonly string[]): Promise<string> {
  const client = await RawSocket.connect(Number(new URL(url).port));
  for (const piece of pieces) await client.send(piece);
  return await client.closed;
}

function request(path: string, body: string, ...headers: readonly string[]): string {
  const head = [`POST ${path} HTTP/1.1`, "Host: localhost", JSON_TYPE, `Content-Length: ${body.length}`, ...headers];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

const last = (path: string, body: string): string => request(path, body, "Connection: close");
const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = ""]) => status);
/** The parts of a text, each as long as it says. */
const cut = (text: string, bytes: number): string[] =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, at) => text.slice(at * bytes, (at + 1) * bytes));

describe.each([CONNECT, GATEWAY])("%s over HTTP/1.1", (path) => {
  test("requests that come together are answered in their order", async () => {
    const url = await startServer();
    const bodies = ['{"key":"YQ==","limit":"1"}', '{"key":5}', '{"key":"YQ==","no":1}', "", '{"key":"\\u0059Q=="}'];
    const alone = await Promise.all(bodies.map((body) => exchanged(url, [last(path, body)])));
    expect(new Set(alone.flatMap(statuses))).toEqual(new Set(["200", "400"]));
    const together = bodies.map((body) => request(path, body)).join("") + last(path, '{"key":"YQ=="}');
    for (const pieces of [[together], cut(together, 7)]) {
      const answers = await exchanged(url, pieces);
      expect(statuses(answers)).toEqual([...alone.flatMap(statuses), "200"]);
    }
  });

  test("one that has no length is answered as well", async () => {
    const url = await startServer();
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${JSON_TYPE}\r\nConnection: close\r\n`;
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n7\r\n{"key":\r\n7\r\n"YQ=="}\r\n0\r\n\r\n`;
    for (const pieces of [[chunked], cut(chunked, 5)]) expect(statuses(await exchanged(url, pieces))).toEqual(["200"]);
  });

  test("one whose client leaves in its midst is as if it had not come", async () => {
    const url = await startServer();
    const client = await RawSocket.connect(Number(new URL(url).port));
    await client.send(request(path, '{"key":"YQ=="}').slice(0, -5));
    client.socket.resetAndDestroy();
    expect(statuses(await exchanged(url, [last(path, '{"key":"YQ=="}')]))).toEqual(["200"]);
  });
});

test.each([
  ["POST", GATEWAY, '{"key":"YQ=="}', 200],
  ["POST", CONNECT, '{"key":"YQ=="}', 200],
  ["POST", CONNECT, '{"key":5}', 400],
  ["POST", CONNECT, '{"key":"YQ==","no":1}', 200],
  ["HEAD", GATEWAY, "", 501],
])("over HTTP/2: %s %s %s", async (method, path, body, status) => {
  const session = http2.connect(await startServer());
  onTestFinished(() => session.destroy());
  for (const pieceBytes of [1000, 3]) {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: false });
    const response = new Promise<http2.IncomingHttpHeaders>((resolve) => stream.on("response", resolve));
    for (const piece of cut(body, pieceBytes)) stream.write(piece);
    stream.end();
    let answer = "";
    for await (const piece of stream) answer += piece;
    const { ":status": received, "content-length": length } = await response;
    expect(received).toBe(status);
    if (method === "HEAD") expect(answer).toBe("");
    else expect(answer.length).toBe(Number(length));
  }
});
