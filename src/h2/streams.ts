/**
 * The streams of a connection, from HEADERS to whatever ends them (RFC 9113, 5.1), and what they send: every frame that
 * belongs to a stream and goes out, goes out here.
 */
import { ClosedStreams } from "./closed-streams.ts";
import { DEFAULT_MAX_FRAME_BYTES, ErrorCode, Flag, FrameType } from "./constants.ts";
import { HpackEncoder, type OutgoingHeaders } from "./hpack-encoder.ts";
import { Inflow } from "./inflow.ts";
import type { FloodGuard } from "./limits.ts";
import type { Output } from "./output.ts";
import { Sender } from "./sender.ts";
import type { PeerSettings } from "./settings.ts";
import { AFTER_LOCAL_END, AFTER_REMOTE_END, State } from "./states.ts";
import { Stream, type StreamOwner, type StreamSession } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

export interface StreamsOptions {
  readonly output: Output;
  readonly settings: PeerSettings;
  readonly guard: FloodGuard;
  readonly session: StreamSession;
  /** What a client may send on each before it is taken. */
  readonly streamWindowBytes: number;
  /** Something was put into the output. */
  readonly said: () => void;
  /** A stream was answered before the client has sent all: `resetUnheard` is wanted in a while. */
  readonly hasUnheard: () => void;
}

export class Streams implements StreamOwner {
  readonly session: StreamSession;
  readonly sender: Sender;
  readonly inflow: Inflow;
  readonly encoder = new HpackEncoder();
  /** The highest ID that a client has used. */
  lastId = 0;
  readonly #options: StreamsOptions;
  readonly #output: Output;
  readonly #open = new StreamTable();
  readonly #closed = new ClosedStreams();
  /** Answered while the client was still sending; the round is that of `resetUnheard`. */
  readonly #unheard = new Set<Stream>();
  #round = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#output = options.output;
    this.session = options.session;
    this.sender = new Sender(options.output, options.guard, (stream) => this.#sendLast(stream));
    this.inflow = new Inflow(options.output, options.streamWindowBytes);
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  /** Undefined for one that was passed over (5.1.1), or is gone for so long that nobody may speak of it. */
  stateOf(id: number): State | undefined {
    if (id > this.lastId) return State.IDLE;
    if (this.#closed.hasReset(id)) return State.FORGOTTEN;
    return this.#closed.has(id) ? State.CLOSED : undefined;
  }

  open(id: number, state: State, contentLength: number): Stream {
    const { settings, streamWindowBytes } = this.#options;
    const stream = new Stream(id, this, state, settings.initialWindowBytes, streamWindowBytes, contentLength);
    this.#open.add(stream);
    return stream;
  }

  /** The client's END_STREAM; the receiver is not told of it here. */
  remoteEnded(stream: Stream): void {
    const next = AFTER_REMOTE_END[stream.state] as State;
    if (next === State.CLOSED) this.#remove(stream, false, ErrorCode.NO_ERROR);
    else stream.state = next;
  }

  /** The client's RST_STREAM. */
  remoteReset(stream: Stream, code: number): void {
    this.#remove(stream, false, code);
  }

  /** Refuses a stream that is not, or no more. */
  refuse(id: number, code: ErrorCode): void {
    this.#options.guard.fault();
    this.#closed.add(id, true);
    this.#output.rstStream(id, code);
  }

  /** What comes of it is of no interest, and no error. */
  ignore(id: number): void {
    this.#options.guard.idle();
    if (!this.#closed.hasReset(id)) this.#closed.add(id, true);
  }

  /** 5.4.2: a stream ends by the client's fault. */
  failStream(stream: Stream, code: ErrorCode): void {
    this.#options.guard.fault();
    this.resetStream(stream, code);
  }

  /** All of them, as the connection is gone. */
  abandon(code: ErrorCode): void {
    for (const stream of this.#open.toArray()) this.#remove(stream, false, code);
  }

  /** 6.9.2: SETTINGS changed the window of every stream. @returns false if one is too large now */
  changeWindows(bytes: number): boolean {
    return this.#open.toArray().every((stream) => this.sender.updateStream(stream, bytes));
  }

  resetUnheard(): boolean {
    for (const stream of this.#unheard) {
      if (stream.unheardSince < this.#round) this.resetStream(stream, ErrorCode.NO_ERROR);
    }
    this.#round++;
    return this.#unheard.size > 0;
  }

  sendHeaders(stream: Stream, headers: OutgoingHeaders, isLast: boolean): void {
    const block = this.encoder.encode(headers);
    const output = this.#output;
    const end = isLast ? Flag.END_STREAM : 0;
    const { length } = block;
    if (length <= DEFAULT_MAX_FRAME_BYTES) {
      output.frameHeader(length, FrameType.HEADERS, end | Flag.END_HEADERS, stream.id);
      output.payload(block, 0, length);
    } else {
      for (let at = 0; at < length; at += DEFAULT_MAX_FRAME_BYTES) {
        const next = Math.min(length, at + DEFAULT_MAX_FRAME_BYTES);
        const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
        const flags = (at === 0 ? end : 0) | (next === length ? Flag.END_HEADERS : 0);
        output.frameHeader(next - at, type, flags, stream.id);
        output.payload(block, at, next);
      }
    }
    this.#options.guard.saidHeaders();
    if (isLast) this.#localEnded(stream);
    this.#options.said();
  }

  sendData(stream: Stream, bytes: Uint8Array): boolean {
    const hasRoom = this.sender.send(stream, bytes);
    this.#options.said();
    return hasRoom;
  }

  sendEnd(stream: Stream, trailers: OutgoingHeaders | undefined): void {
    stream.isEnding = true;
    stream.trailers = trailers;
    if (stream.queuedBytes === 0) this.#sendLast(stream);
    this.#options.said();
  }

  resetStream(stream: Stream, code: ErrorCode): void {
    if (stream.isClosed) return;
    this.#output.rstStream(stream.id, code);
    this.#remove(stream, true, code);
    this.#options.said();
  }

  consumed(stream: Stream, bytes: number): void {
    this.inflow.consumed(stream, bytes);
    this.#options.said();
  }

  holds(bytes: number): void {
    this.inflow.holds(bytes);
  }

  #sendLast(stream: Stream): void {
    if (stream.trailers !== undefined) {
      this.sendHeaders(stream, stream.trailers, true);
      return;
    }
    this.#output.frameHeader(0, FrameType.DATA, Flag.END_STREAM, stream.id);
    this.#localEnded(stream);
  }

  #localEnded(stream: Stream): void {
    stream.isEnding = true;
    stream.state = AFTER_LOCAL_END[stream.state] as State;
    if (stream.state === State.CLOSED) {
      this.#remove(stream, false, ErrorCode.NO_ERROR);
      return;
    }
    stream.unheardSince = this.#round;
    this.#unheard.add(stream);
    if (this.#unheard.size === 1) this.#options.hasUnheard();
  }

  #remove(stream: Stream, wasReset: boolean, code: number): void {
    if (stream.state === State.HALF_CLOSED_LOCAL) this.#unheard.delete(stream);
    stream.state = State.CLOSED;
    this.#open.delete(stream);
    this.#closed.add(stream.id, wasReset);
    this.sender.drop(stream);
    stream.deliverClosed(code);
  }
}
