/** A connection of the engine without a socket, and everything it says, as text. */
import { Connection, type ConnectionHost, type ConnectionLimits, type Stream } from "../../../src/h2/index.ts";
import { DynamicDecoder } from "./decoder.ts";
import { FRAME, type Frame, PREFACE, settings, split } from "./frames.ts";

export const LIMITS: ConnectionLimits = {
  maxConcurrentStreams: 1000,
  maxHeaderBytes: 32 * 1024,
  maxStreamBufferBytes: 1024 * 1024,
  maxConnectionBufferBytes: 1024 * 1024,
  maxStreamResets: 100,
  maxSettingsFrames: 20,
  pingMinTimeMs: 5000,
};

const NAMES = Object.fromEntries(Object.entries(FRAME).map(([name, type]) => [type, name]));
const CODES = ["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"];
CODES.push(
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "",
  "ENHANCE_YOUR_CALM",
);

export class Peer implements ConnectionHost {
  readonly connection: Connection;
  readonly streams = new Map<number, Stream>();
  /** What was handed to receivers and the host. */
  readonly events: string[] = [];
  nowMs = 0;
  outputsKnown = 0;
  isTiredNow = (): boolean => false;
  unheard = 0;
  #rest: Buffer = Buffer.alloc(0);
  readonly #decoder = new DynamicDecoder();

  /** @param greet whether the client's preface and SETTINGS are sent, and what was answered forgotten */
  constructor(limits: Partial<ConnectionLimits> = {}, greet = true) {
    this.connection = new Connection({
      host: this,
      pool: { take: () => new Uint8Array(65536) },
      session: { socket: this },
      limits: { ...LIMITS, ...limits },
      nowMs: 0,
    });
    if (!greet) return;
    this.send(PREFACE, settings());
    this.frames();
  }

  request(stream: Stream, headers: Readonly<Record<string, unknown>>): void {
    const { id } = stream;
    this.streams.set(id, stream);
    this.events.push(`${id} request ${headers[":method"]} ${headers[":path"]}`);
    stream.attach({
      received: (piece) => this.events.push(`${id} data ${Buffer.from(piece).toString("latin1")}`),
      halfClosed: () => this.events.push(`${id} end`),
      roomAgain: () => this.events.push(`${id} room`),
      closed: (code) => this.events.push(`${id} closed ${CODES[code]}`),
    });
  }

  isTired(): boolean {
    return this.isTiredNow();
  }

  hasOutput(): void {
    this.outputsKnown++;
  }

  hasUnheard(): void {
    this.unheard++;
  }

  pingAnswered(): void {
    this.events.push("ping answered");
  }

  left(): void {
    this.events.push("left");
  }

  failed(code: number, message: string): void {
    this.events.push(`failed ${CODES[code]}: ${message}`);
  }

  send(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.connection.receive(new Uint8Array(piece), this.nowMs);
  }

  stream(id: number): Stream {
    const stream = this.streams.get(id);
    if (stream === undefined) throw new Error(`there is no stream ${id}`);
    return stream;
  }

  /** The frames since the last call. */
  frames(): Frame[] {
    for (;;) {
      const piece = this.connection.takeOutput();
      if (piece === undefined) break;
      this.#rest = Buffer.concat([this.#rest, piece]);
    }
    const { frames, rest } = split(this.#rest);
    this.#rest = rest;
    return frames;
  }

  /** The frames since the last call, a line each. */
  said(): string[] {
    return this.frames().map((one) => this.#line(one));
  }

  #line({ type, flags, id, payload }: Frame): string {
    const name = `${id} ${NAMES[type]}`;
    const end = (type === FRAME.DATA || type === FRAME.HEADERS) && (flags & 1) !== 0 ? " END" : "";
    if (type === FRAME.HEADERS) return `${name} ${this.#decoder.text(payload)}${end}`;
    if (type === FRAME.DATA) {
      const text = payload.length > 40 ? `(${payload.length})` : payload.toString("latin1");
      return `${name}${text && ` ${text}`}${end}`;
    }
    if (type === FRAME.RST_STREAM) return `${name} ${CODES[payload.readUInt32BE(0)]}`;
    if (type === FRAME.GOAWAY) {
      const text = payload.subarray(8).toString();
      return `${name} ${payload.readUInt32BE(0)} ${CODES[payload.readUInt32BE(4)]}${text && `: ${text}`}`;
    }
    if (type === FRAME.WINDOW_UPDATE) return `${name} ${payload.readUInt32BE(0)}`;
    return `${name}${(flags & 1) !== 0 ? " ACK" : ""}`;
  }
}
