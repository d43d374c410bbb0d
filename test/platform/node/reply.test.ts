import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { sendWhole } from "../../../src/platform/node/http/reply.ts";
import type { HttpResponse } from "../../../src/platform/node/http/types.ts";
import { connectTls, startSecure } from "./support/secure.ts";

test.each([0, 16 * 1024, 16 * 1024 + 1, 1_000_000])(
  "a reply of %i bytes has them all, and its length",
  async (sizeBytes) => {
    const body = Uint8Array.from({ length: sizeBytes }, (_, at) => at % 251);
    const server = http.createServer((_, response) => {
      sendWhole(response as unknown as HttpResponse, 200, ["content-type", "application/x"], body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(reply.headers.get("content-length")).toBe(String(sizeBytes));
    expect(new Uint8Array(await reply.arrayBuffer())).toEqual(body);
  },
);

test("a client of TLS may send on while large replies are on their way", async () => {
  const { url, etcd } = await startSecure();
  const rest = { lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
  for (const key of ["k1", "k2", "k3"]) etcd.put({ key, value: new Uint8Array(1_000_000), ...rest });
  const body = '{"key":"aw==","range_end":"bA==","keys_only":false}';
  const head = `POST /v3/kv/range HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = await connectTls(url, { alpn: ["http/1.1"] });
  onTestFinished(() => void socket.destroy());
  const REQUESTS = 15;
  let replies = 0;
  const answered = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after ${replies} replies`)));
    socket.on("data", (piece: Buffer) => {
      replies += piece.toString("latin1").split("HTTP/1.1 200").length - 1;
      if (replies === REQUESTS) resolve();
    });
  });
  for (let i = 0; i < REQUESTS; i++) {
    for (const part of [head, body]) {
      socket.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await answered;
});
