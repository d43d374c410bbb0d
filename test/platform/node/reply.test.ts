import http from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { sendWhole } from "../../../src/platform/node/http/reply.ts";
import type { HttpResponse } from "../../../src/platform/node/http/types.ts";

/** A connection that takes a write when it is told to. */
class SlowSocket extends Writable {
  readonly taken: Buffer[] = [];
  take: () => void = () => {};

  override _write(piece: Buffer, _: BufferEncoding, written: () => void): void {
    this.taken.push(piece);
    this.take = written;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }
}

test("a large reply's last byte leaves when the others have left", async () => {
  const request = new http.IncomingMessage(undefined as never);
  Object.assign(request, { httpVersionMajor: 1, httpVersionMinor: 1, method: "POST" });
  const response = new http.ServerResponse(request);
  const socket = new SlowSocket({ highWaterMark: 1024 });
  response.assignSocket(socket as never);
  const body = new Uint8Array(100_000).fill(7);
  sendWhole(response as unknown as HttpResponse, 200, {}, body);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let turns = 0;
  while (!response.writableFinished && turns++ < 20) {
    const isWhole =
      socket.bytes.includes("\r\n\r\n") && socket.bytes.subarray(-body.length).every((byte) => byte === 7);
    if (isWhole) expect(response.writableEnded).toBe(true);
    else expect(response.writableEnded).toBe(false);
    socket.take();
    await turn();
  }
  expect(socket.bytes.subarray(socket.bytes.indexOf("\r\n\r\n") + 4)).toEqual(Buffer.from(body));
});

test.each([0, 16 * 1024, 16 * 1024 + 1, 1_000_000])(
  "a reply of %i bytes has them all, and its length",
  async (sizeBytes) => {
    const body = Uint8Array.from({ length: sizeBytes }, (_, at) => at % 251);
    const server = http.createServer((_, response) => {
      sendWhole(response as unknown as HttpResponse, 200, { "content-type": "application/x" }, body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(reply.headers.get("content-length")).toBe(String(sizeBytes));
    expect(new Uint8Array(await reply.arrayBuffer())).toEqual(body);
  },
);
