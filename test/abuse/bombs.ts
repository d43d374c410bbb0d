/** A little that becomes a lot: what is compressed, nested, or announced. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { type Attack, demand, type Target } from "./attack.ts";
import {
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcHeaders,
  grpcMessage,
  type Header,
  headerBlock,
  RawConnection,
  uint32,
} from "./wire.ts";

const PUT = "/etcdserverpb.KV/Put";
const TXN = "/etcdserverpb.KV/Txn";
const BOMB_BYTES = 512 * 1024 * 1024;
const AT_ONCE = 20;
/** Of which each may send as much as fits in the connection's window together. */
const CALLS_AT_ONCE = 10;

/** Sends requests for the time, each on a connection of its own, and demands that none is taken. */
function requests(name: string, make: () => string | Buffer, isRefusal: (reply: string) => boolean): Attack {
  return {
    name,
    run: async ({ port, durationMs }) => {
      const bytes = make();
      const end = performance.now() + durationMs;
      let [sent, answer] = [0, ""];
      const work = async (): Promise<void> => {
        while (performance.now() < end) {
          const connection = await RawConnection.open(port);
          connection.socket.write(bytes);
          await connection.until(() => connection.closed || isWhole(connection.text), 10_000);
          answer = connection.text;
          connection.socket.destroy();
          demand(isRefusal(answer), `it was answered: ${JSON.stringify(answer.slice(0, 300))}`);
          sent++;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return `${sent} were refused: ${answer.split("\r\n", 1)[0]} ${/[^\r\n]*$/.exec(answer.trim())?.[0].slice(0, 150)}`;
    },
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return end >= 0 && (length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= end + 4 + Number(length));
}

function http1(path: string, headers: string, body: Buffer): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const status =
  (...codes: number[]) =>
  (reply: string): boolean =>
    codes.some((code) => reply.startsWith(`HTTP/1.1 ${code} `));
const ERROR = status(400, 408, 413, 415, 429, 431, 499, 500, 501);
/** gRPC-Web says it in its trailers. */
const WEB_ERROR = (reply: string): boolean => /grpc-status: ?[1-9]/i.test(reply) || ERROR(reply);

let zeros: Buffer | undefined;
function bomb(): Buffer {
  zeros ??= gzipSync(Buffer.alloc(BOMB_BYTES), { level: 9 });
  return zeros;
}

/** gRPC calls on one connection, over and over; none may end well. */
function calls(name: string, path: string, extra: readonly Header[], makeBody: () => Buffer): Attack {
  return {
    name,
    run: async ({ port, durationMs }: Target) => {
      const body = makeBody();
      const end = performance.now() + durationMs;
      let sent = 0;
      while (performance.now() < end) {
        const connection = await RawConnection.http2(port, [4, 1 << 20]);
        for (let index = 0; index < CALLS_AT_ONCE; index++) {
          const id = 2 * index + 1;
          const pieces = [frame(FrameType.HEADERS, END_HEADERS, id, headerBlock(grpcHeaders(path, extra)))];
          const most = Math.floor(65_535 / CALLS_AT_ONCE);
          for (let at = 0; at < Math.min(body.length, most); at += 16_000) {
            pieces.push(frame(FrameType.DATA, 0, id, body.subarray(at, Math.min(at + 16_000, most))));
          }
          pieces.push(frame(FrameType.DATA, END_STREAM, id));
          await connection.send(Buffer.concat(pieces));
        }
        const ended = (): boolean =>
          connection.closed ||
          new Set(
            connection.frames
              .filter(
                ({ type, flags }) =>
                  type === FrameType.RST_STREAM || (type === FrameType.HEADERS && (flags & END_STREAM) > 0),
              )
              .map(({ streamId }) => streamId),
          ).size >= CALLS_AT_ONCE;
        demand(await connection.until(ended, 10_000), "calls are not answered");
        // Only a call that ends well has a message for its answer.
        demand(!connection.frames.some(({ type }) => type === FrameType.DATA), "a call ended well");
        sent += CALLS_AT_ONCE;
        connection.socket.destroy();
      }
      return `${sent} calls were refused`;
    },
  };
}

/** It would be taken, were it smaller. */
function largePut(): Uint8Array {
  const request = create(PutRequestSchema, { key: Buffer.from("large"), value: Buffer.alloc(3_000_000) });
  return toBinary(PutRequestSchema, request);
}

/** `depth` messages in one another, each the field of the one around it. */
function nested(depth: number, tags: readonly number[]): Buffer {
  let bytes = Buffer.alloc(0);
  for (let level = depth; level > 0; level--) {
    const tag = tags[level % tags.length] as number;
    const prefix = [tag];
    for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) {
        prefix.push(rest);
        break;
      }
      prefix.push((rest % 128) | 128);
    }
    bytes = Buffer.concat([Buffer.from(prefix), bytes]);
  }
  return bytes;
}

function nestedJson(depth: number): Buffer {
  const [opening, closing] = [`{"success":[{"requestTxn":`, "}]}"];
  return Buffer.from(`${opening.repeat(depth)}{}${closing.repeat(depth)}`);
}

const JSON_TYPE = "Content-Type: application/json\r\n";

export const BOMBS: readonly Attack[] = [
  requests(
    "gzip-bomb-connect",
    () => http1(PUT, "Content-Type: application/proto\r\nContent-Encoding: gzip\r\n", bomb()),
    ERROR,
  ),
  requests(
    "brotli-bomb-connect",
    () =>
      http1(
        PUT,
        "Content-Type: application/proto\r\nContent-Encoding: br\r\n",
        brotliCompressSync(Buffer.alloc(BOMB_BYTES / 4)),
      ),
    ERROR,
  ),
  requests(
    "gzip-bomb-grpc-web",
    () => http1(PUT, "Content-Type: application/grpc-web+proto\r\nGrpc-Encoding: gzip\r\n", grpcMessage(bomb(), 1)),
    WEB_ERROR,
  ),
  requests("gzip-bomb-gateway", () => http1("/v3/kv/put", `${JSON_TYPE}Content-Encoding: gzip\r\n`, bomb()), ERROR),
  calls("gzip-bomb-grpc", PUT, [["grpc-encoding", "gzip"]], () => grpcMessage(gzipSync(largePut()), 1)),
  calls("nested-txns", TXN, [], () => grpcMessage(nested(1100, [0x22, 0x12]))),
  calls("announced-2-gb", PUT, [], () => Buffer.concat([Buffer.from([0]), uint32(2 ** 31), Buffer.alloc(1000)])),
  requests("nested-json-gateway", () => http1("/v3/kv/txn", JSON_TYPE, nestedJson(5000)), ERROR),
  requests("nested-json-connect", () => http1(TXN, JSON_TYPE, nestedJson(5000)), ERROR),
  requests("brackets-gateway", () => http1("/v3/kv/txn", JSON_TYPE, Buffer.alloc(1_000_000, "[")), ERROR),
  requests("brackets-connect", () => http1(TXN, JSON_TYPE, Buffer.alloc(1_000_000, "[")), ERROR),
  requests(
    "large-http1-headers",
    () => `GET / HTTP/1.1\r\nHost: x\r\n${`X: ${"a".repeat(1000)}\r\n`.repeat(1000)}\r\n`,
    status(431),
  ),
  requests(
    "large-body-gateway",
    () => http1("/v3/kv/put", JSON_TYPE, Buffer.from(`{"value":"${"A".repeat(20_000_000)}"}`)),
    ERROR,
  ),
];
