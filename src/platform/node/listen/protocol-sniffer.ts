/**
 * Finds out what a new connection speaks by its first bytes:
 *
 *     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"     all of it         → HTTP/2
 *     "PRI * HT"                            still possible    → wait
 *     16 03 …                               a TLS hello       → TLS
 *     anything else                                           → HTTP/1
 */
import type { Socket } from "node:net";

export type Protocol = "http2" | "http1" | "tls";

export const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;

/** Undefined while the bytes do not tell yet. */
export function protocolOf(bytes: Uint8Array): Protocol | undefined {
  if (bytes[0] === TLS_HANDSHAKE) {
    if (bytes.length < 2) return undefined;
    return bytes[1] === TLS_MAJOR_VERSION ? "tls" : "http1";
  }
  const length = Math.min(bytes.length, HTTP2_PREFACE.length);
  if (HTTP2_PREFACE.compare(bytes, 0, length, 0, length) !== 0) return "http1";
  return length === HTTP2_PREFACE.length ? "http2" : undefined;
}

/**
 * Calls back once it is known what the peer speaks, with the bytes put back into the socket as if they had
 * never been read. A peer that says nothing, or not enough, for `timeoutMs` is disconnected.
 */
export function sniff(socket: Socket, timeoutMs: number, found: (protocol: Protocol) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", onEnd);
    socket.off("close", stop);
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const protocol = protocolOf(bytes);
    if (protocol === undefined) return;
    stop();
    socket.unshift(bytes);
    found(protocol);
  };
  socket.on("readable", onReadable);
  socket.on("end", onEnd);
  socket.on("close", stop);
}
