/** Bytes of HTTP/2, right or wrong: frames and header blocks from which attacks are made, and a reader of frames. */
import { once } from "node:events";
import net from "node:net";

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
export const FRAME_HEADER_BYTES = 9;
/** What every endpoint must take. */
export const MAX_FRAME_BYTES = 16_384;

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Of SETTINGS: the window of a stream. */
export const INITIAL_WINDOW = 4;
const LARGE_WINDOW_BYTES = 2 ** 30;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

export function settings(pairs: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

/** HPACK's integer with a prefix of 7 bits, the first bit 0. */
function length(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

export type Header = readonly [name: string, value: string];

/** @param first 0 for a literal that is not indexed, 0x40 for one that goes to the dynamic table */
export function literal([name, value]: Header, first = 0): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name, "latin1"), Buffer.from(value, "latin1")];
  return Buffer.concat([
    Buffer.from([first]),
    length(nameBytes.length),
    nameBytes,
    length(valueBytes.length),
    valueBytes,
  ]);
}

export function headerBlock(headers: readonly Header[]): Buffer {
  return Buffer.concat(headers.map((header) => literal(header)));
}

export function grpcHeaders(path: string, extra: readonly Header[] = []): Header[] {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "127.0.0.1"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...extra,
  ];
}

/** A gRPC message with its prefix. */
export function grpcMessage(message: Uint8Array, flag = 0): Buffer {
  return Buffer.concat([Buffer.from([flag]), uint32(message.length), message]);
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** A connection that says what it likes, and counts what it is told. */
export class RawConnection {
  readonly socket: net.Socket;
  readonly frames: Frame[] = [];
  /** Of all that came, the first bytes as text. */
  text = "";
  /** And the last ones. */
  last = "";
  closed = false;
  #windowBytes = 65_535;
  #wake: (() => void) | undefined;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => this.#received(chunk));
    socket.on("error", () => {});
    socket.on("drain", () => this.#wake?.());
    socket.on("close", () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    const connection = new RawConnection(socket);
    await Promise.race([once(socket, "connect"), once(socket, "close")]);
    return connection;
  }

  /** With the preface and the settings sent. */
  static async http2(port: number, ...pairs: (readonly [id: number, value: number])[]): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    connection.socket.write(Buffer.concat([PREFACE, settings(pairs), frame(FrameType.SETTINGS, ACK, 0)]));
    return connection;
  }

  /** Settles when there is room for more; false once the server has closed. */
  async send(bytes: Uint8Array | string): Promise<boolean> {
    if (this.closed || !this.socket.writable) return false;
    const hasRoom = this.socket.write(bytes);
    await new Promise<void>((resolve) => {
      if (hasRoom) setImmediate(resolve);
      else this.#wake = resolve;
    });
    return !this.closed;
  }

  /** Takes all that the server has for it. */
  static async reading(port: number): Promise<RawConnection> {
    const connection = await RawConnection.http2(port, [INITIAL_WINDOW, LARGE_WINDOW_BYTES]);
    await connection.send(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(LARGE_WINDOW_BYTES)));
    return connection;
  }

  headers(streamId: number, headers: readonly Header[], flags = END_HEADERS): Promise<boolean> {
    return this.send(frame(FrameType.HEADERS, flags, streamId, headerBlock(headers)));
  }

  /** Settles with whether it is so within the time. */
  async until(test: () => boolean, timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (!test()) {
      if (performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }

  /** Why the server ends the connection, as far as it said. */
  goaway(): { readonly code: number; readonly text: string } | undefined {
    const found = this.frames.find(({ type }) => type === FrameType.GOAWAY);
    return found && { code: found.payload.readUInt32BE(4), text: found.payload.subarray(8).toString() };
  }

  /** What may be sent of DATA on the connection, all in all. */
  windowBytes(): number {
    return this.#windowBytes;
  }

  #received(chunk: Buffer): void {
    this.last = (this.last + chunk.toString("latin1")).slice(-2000);
    if (this.text.length < 10_000) this.text += chunk.toString("latin1");
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest.length < FRAME_HEADER_BYTES) return;
      const end = FRAME_HEADER_BYTES + this.#rest.readUIntBE(0, 3);
      // What is not HTTP/2 looks like a frame that is too large.
      if (this.#rest.length < end) return;
      const [type, flags] = [this.#rest[3] as number, this.#rest[4] as number];
      const streamId = this.#rest.readUInt32BE(5);
      if (type === FrameType.WINDOW_UPDATE && streamId === 0) {
        this.#windowBytes += this.#rest.readUInt32BE(FRAME_HEADER_BYTES);
      }
      const isKept = type === FrameType.GOAWAY || this.frames.length < 1000;
      if (isKept)
        this.frames.push({ type, flags, streamId, payload: Buffer.from(this.#rest.subarray(FRAME_HEADER_BYTES, end)) });
      this.#rest = this.#rest.subarray(end);
    }
  }
}
