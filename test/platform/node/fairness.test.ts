/** What is large waits in line, and what waits in memory is counted, whoever brought it. */
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { describe, expect, onTestFinished, test } from "vitest";
import { KV, PutResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Buffers } from "../../../src/platform/node/grpc/buffers.ts";
import { Turns } from "../../../src/platform/node/h2/turns.ts";
import { PacedRequest } from "../../../src/platform/node/http/paced-request.ts";
import { RawConnection } from "../../abuse/wire.ts";
import { VirtualClock } from "../../support/clock.ts";
import { binding, startFront } from "./support/front.ts";

const LARGE_BYTES = 64 * 1024;
const LONG_MS = 10_000;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the line", () => {
  const evicted: unknown[] = [];
  const buffers = (maxConnectionBytes = 1e6, maxBytes = 1e6): Buffers =>
    new Buffers({
      maxConnectionBytes,
      maxBytes,
      turns: new Turns(new VirtualClock()),
      evict: (connection) => evicted.push(connection),
    });

  test("is for large requests, and for all that a connection asks after a large reply", () => {
    const all = buffers();
    const [one, other] = [all.of({}), all.of({})];
    expect(one.mustWait(LARGE_BYTES - 1)).toBe(false);
    expect(one.mustWait(LARGE_BYTES)).toBe(true);
    one.replied(LARGE_BYTES - 1);
    expect(one.mustWait()).toBe(false);
    one.replied(LARGE_BYTES);
    expect(one.mustWait()).toBe(true);
    expect(other.mustWait()).toBe(false);
  });

  test("lets calls go on together whose replies are known to be small", async () => {
    const buffer = buffers().of({});
    const served: number[] = [];
    for (const bytes of [LARGE_BYTES, 10, 4 * LARGE_BYTES, 10, 10]) {
      buffer.whenRoom(0, () => {
        served.push(bytes);
        buffer.replied(bytes);
      });
    }
    await turn();
    expect(served).toEqual([LARGE_BYTES, 10, 4 * LARGE_BYTES]);
    await turn();
    expect(served.slice(3)).toEqual([10, 10]);
  });

  test("lets one call of each connection go on in a turn of the loop else, in their order", async () => {
    const all = buffers();
    const [one, other] = [all.of({}), all.of({})];
    const served: string[] = [];
    for (const name of ["a1", "a2", "a3"]) one.whenRoom(0, () => served.push(name));
    other.whenRoom(0, () => served.push("b1"));
    expect(one.mustWait()).toBe(true);
    await turn();
    expect(served).toEqual(["a1", "b1"]);
    await turn();
    expect(served).toEqual(["a1", "b1", "a2"]);
    await turn();
    expect(served).toEqual(["a1", "b1", "a2", "a3"]);
    expect(one.mustWait()).toBe(false);
  });

  test("is left by who does not want any more", async () => {
    const buffer = buffers().of({});
    let calls = 0;
    const stopWaiting = buffer.whenRoom(100, () => calls++);
    expect(buffer.bytes).toBe(100);
    stopWaiting();
    expect(buffer.bytes).toBe(0);
    await turn();
    expect(calls).toBe(0);
  });

  test("takes no room from those in it, and all that they keep counts", async () => {
    const connection = {};
    const all = buffers(100, 450);
    const buffer = all.of(connection);
    let calls = 0;
    for (let i = 0; i < 2; i++) buffer.whenRoom(200, () => calls++);
    expect(buffer.bytes).toBe(400);
    await turn();
    await turn();
    expect(calls).toBe(2);
    expect(buffer.bytes).toBe(0);
    for (let i = 0; i < 3; i++) buffer.whenRoom(200, () => calls++);
    await turn();
    expect(evicted).toEqual([connection]);
  });
});

test("a large body of HTTP/1.1 comes a piece in each turn of the loop, and all of it", async () => {
  const BODY_BYTES = 2_000_000;
  let [inTurn, mostInTurn, bytes] = [0, 0, 0];
  const server = http.createServer({ IncomingMessage: PacedRequest }, (request, response) => {
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (inTurn++ === 0) {
        setImmediate(() => {
          inTurn = 0;
        });
      }
      mostInTurn = Math.max(mostInTurn, inTurn);
    });
    request.on("end", () => response.end(`${bytes}`));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const client = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  // Twice: the connection is as good as it was.
  for (let round = 1; round <= 2; round++) {
    client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY_BYTES}\r\n\r\n${"a".repeat(BODY_BYTES)}`);
    const [reply] = (await once(client, "data")) as [Buffer];
    expect(reply.toString()).toMatch(new RegExp(`${round * BODY_BYTES}$`));
  }
  expect(mostInTurn).toBeLessThanOrEqual(2);
});

test.each(["/v3/kv/put", "/etcdserverpb.KV/Put"])(
  "when bodies for %s keep too much waiting, the connection with the most of them is ended, and only that",
  async (path) => {
    const bindings = [binding(KV, { put: () => create(PutResponseSchema) })];
    const { port, logged } = await startFront({ bindings, limits: { maxBufferBytes: 100_000 } });
    const begin = async (bytes: number): Promise<RawConnection> => {
      const connection = await RawConnection.open(port);
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 80000\r\n\r\n`;
      connection.socket.write(head + " ".repeat(bytes));
      return connection;
    };
    const modest = await begin(40_000);
    const greedy = await begin(70_000);
    expect(await greedy.until(() => greedy.closed, LONG_MS)).toBe(true);
    expect(logged.join("\n")).toContain("see --max-buffer-bytes");
    const third = await begin(10_000);
    modest.socket.write(" ".repeat(40_000));
    expect(await modest.until(() => modest.text.startsWith("HTTP/1.1 "), LONG_MS)).toBe(true);
    expect([modest.closed, third.closed]).toEqual([false, false]);
    for (const { socket } of [modest, third]) socket.destroy();
  },
);
