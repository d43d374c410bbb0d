/** Clients that take their time: each holds a connection, or a stream, and never says all of what it began to say. */
import { type Attack, AttackWon, demand, MIN_DURATION_MS, pause, type Target } from "./attack.ts";
import {
  END_HEADERS,
  FrameType,
  frame,
  grpcHeaders,
  headerBlock,
  PREFACE,
  RawConnection,
  settings,
  uint32,
} from "./wire.ts";

const PUT = "/etcdserverpb.KV/Put";
const CONNECTIONS = 200;
/** So that what they wait for comes within the attack. */
const SHORT = ["--handshake-timeout=700ms", "--request-timeout=700ms"];
const BYTE_EVERY_MS = 100;

/** @param trickle what each sends a byte of from time to time, on and on */
function slow(
  name: string,
  opening: string | Buffer,
  trickle: string,
  ends: (connection: RawConnection) => boolean,
): Attack {
  return {
    name,
    flags: SHORT,
    run: async ({ port, durationMs }: Target) => {
      const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => RawConnection.open(port)));
      const startMs = performance.now();
      for (const connection of connections) connection.socket.write(opening);
      const isOver = (): boolean => connections.every(ends);
      const untilMs = startMs + Math.max(durationMs, MIN_DURATION_MS);
      for (let at = 0; performance.now() < untilMs && !isOver(); at++) {
        const byte = trickle[at % Math.max(1, trickle.length)];
        for (const connection of connections)
          if (byte !== undefined && !ends(connection)) connection.socket.write(byte);
        await pause(BYTE_EVERY_MS);
      }
      const left = connections.filter((connection) => !ends(connection)).length;
      const elapsedMs = Math.round(performance.now() - startMs);
      for (const connection of connections) connection.socket.destroy();
      demand(left === 0, `${left} of ${CONNECTIONS} are still waited for after ${elapsedMs} ms`);
      return `all ${CONNECTIONS} were ended within ${elapsedMs} ms${said(connections[0])}`;
    },
  };
}

function said(connection: RawConnection | undefined): string {
  const flag = /see (--[a-z-]+)/.exec(connection?.text ?? "")?.[1];
  return flag === undefined ? "" : `: see ${flag}`;
}

const isClosed = ({ closed }: RawConnection): boolean => closed;
/** The call has its status: by trailers, or by a reset. */
const hasAnswer = (connection: RawConnection): boolean =>
  connection.closed ||
  connection.frames.some(({ type }) => type === FrameType.HEADERS || type === FrameType.RST_STREAM);

const http2Opening = Buffer.concat([PREFACE, settings()]);
const openPut = frame(FrameType.HEADERS, END_HEADERS, 1, headerBlock(grpcHeaders(PUT)));

function http1(path: string, type: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n`;
}

/** It goes on within the attack, and never ends: a piece of a message each time. */
const endlessMessage: Attack = {
  name: "endless-message",
  flags: SHORT,
  run: async ({ port, durationMs }) => {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => RawConnection.http2(port)));
    const startMs = performance.now();
    for (const connection of connections) {
      const prefix = Buffer.concat([Buffer.from([0]), uint32(1_000_000)]);
      connection.socket.write(Buffer.concat([openPut, frame(FrameType.DATA, 0, 1, prefix)]));
    }
    while (performance.now() - startMs < Math.max(durationMs, MIN_DURATION_MS) && !connections.every(hasAnswer)) {
      for (const connection of connections) {
        if (!hasAnswer(connection)) connection.socket.write(frame(FrameType.DATA, 0, 1, Buffer.alloc(10)));
      }
      await pause(BYTE_EVERY_MS);
    }
    const left = connections.filter((connection) => !hasAnswer(connection)).length;
    for (const connection of connections) connection.socket.destroy();
    if (left > 0) throw new AttackWon(`${left} of ${CONNECTIONS} messages are still waited for`);
    return `all ${CONNECTIONS} calls were ended`;
  },
};

export const SLOW: readonly Attack[] = [
  slow("silent-connections", "", "", isClosed),
  slow("half-preface", PREFACE.subarray(0, 10), "", isClosed),
  slow("half-tls-hello", Buffer.from([0x16]), "", isClosed),
  slow("slow-http1-headers", "GET / HTTP/1.1\r\nHost: x\r\nX: ", "a", isClosed),
  slow("slow-http1-body-connect", http1(PUT, "application/json"), " ", isClosed),
  slow("slow-http1-body-gateway", http1("/v3/kv/put", "application/json"), " ", isClosed),
  slow("slow-http1-body-file", http1("/index.html", "text/plain"), " ", isClosed),
  slow("headers-without-request", Buffer.concat([http2Opening, openPut]), "", hasAnswer),
  slow("half-headers", Buffer.concat([http2Opening, openPut.subarray(0, 30)]), "", isClosed),
  slow(
    "headers-without-end",
    Buffer.concat([http2Opening, frame(FrameType.HEADERS, 0, 1, headerBlock(grpcHeaders(PUT)))]),
    "",
    isClosed,
  ),
  endlessMessage,
];
