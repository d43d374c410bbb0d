/**
 * One connection of RFC 9113, the server's side of it, as a machine: bytes come in by `receive`, what is to be sent is
 * taken by `takeOutput`, requests are handed to the host. It knows no socket, and no time but what it is told.
 *
 *     receive ─► FrameReader ─► here ─► Requests ─► Stream ─► whoever answers
 *                                │                                  │
 *     takeOutput ◄─ Output ◄─────┴──────── Streams, Sender ◄────────┘
 *
 * When its host has had enough for now, what has come waits until `goOn`.
 *
 * What is wrong with a stream resets it; what is wrong with the connection is thrown as a ConnectionError, and becomes
 * the GOAWAY that ends it (5.4). Each frame's method holds its section of 6.
 */
import { DEFAULT_MAX_FRAME_BYTES, ErrorCode, Flag, FrameType, MAX_STREAM_ID, PREFACE, Setting } from "./constants.ts";
import { ConnectionError } from "./errors.ts";
import { FrameReader } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { FloodGuard, type FloodLimits } from "./limits.ts";
import { type BufferPool, Output } from "./output.ts";
import { paddingOf, uint32, violation } from "./payload.ts";
import type { IncomingHeaders } from "./request-headers.ts";
import { type RequestLimits, Requests } from "./requests.ts";
import { PeerSettings, settingsPayload } from "./settings.ts";
import { ON_DATA, ON_RST_STREAM, ON_WINDOW_UPDATE, State, Verdict } from "./states.ts";
import type { Stream, StreamSession } from "./stream.ts";
import { Streams } from "./streams.ts";

export interface ConnectionHost {
  /** A request; its stream is attached to within the call. */
  request(stream: Stream, headers: IncomingHeaders): void;
  /** Asked every few frames: whether what has come is to wait for `goOn`. */
  isTired(): boolean;
  /** There is output that `receive`, `goOn` and `setBacklog` have not made. */
  hasOutput(): void;
  /** A stream was answered before the client has sent all: `resetUnheard` is wanted in a while. */
  hasUnheard(): void;
  /** The answer to a ping of ours. */
  pingAnswered(): void;
  /** No more streams are taken from here on. */
  left(): void;
  /** The connection has failed by the client's fault. */
  failed(code: ErrorCode, message: string): void;
}

export interface ConnectionOptions {
  readonly host: ConnectionHost;
  readonly pool: BufferPool;
  /** Whose its streams are, for those who answer them. */
  readonly session: StreamSession;
  readonly limits: ConnectionLimits;
  readonly nowMs: number;
}

export interface ConnectionLimits extends FloodLimits, RequestLimits {
  /** What a client may send on a stream before it is taken. */
  readonly maxStreamBufferBytes: number;
}

const UNLIMITED = 2 ** 32 - 1;
const PING = new Uint8Array(8);
/** Tells the answer to a ping behind a GOAWAY from that to another. */
const GOODBYE = 0x6f;
const GOODBYE_PING = new Uint8Array(8).fill(GOODBYE);
/** A frame with less is worth more to us than to the client. */
const SHORT_BYTES = 64;
/** The host is asked after each so many frames, which is as many as eight calls take. */
const UNASKED_FRAMES = 16;

export class Connection {
  readonly #host: ConnectionHost;
  readonly #limits: ConnectionLimits;
  readonly #output: Output;
  readonly #settings = new PeerSettings();
  readonly #guard: FloodGuard;
  readonly #streams: Streams;
  readonly #requests: Requests;
  readonly #reader = new FrameReader(this, DEFAULT_MAX_FRAME_BYTES);
  /** Of a header block whose end has not come. */
  #block: HeaderBlock | undefined;
  #prefaceBytes = 0;
  #framesRead = 0;
  #hasSettings = false;
  #isLeavingSoon = false;
  /** From the GOAWAY on that names it. */
  #lastAnsweredId: number | undefined;
  #isDead = false;
  /** Whoever called in takes the output when it gets the control back. */
  #isCalled = false;
  #isOutputKnown = false;

  constructor(options: ConnectionOptions) {
    const { host, limits, session } = options;
    this.#host = host;
    this.#limits = limits;
    this.#guard = new FloodGuard(limits, options.nowMs);
    this.#output = new Output(options.pool);
    this.#streams = new Streams({
      output: this.#output,
      settings: this.#settings,
      guard: this.#guard,
      session,
      streamWindowBytes: limits.maxStreamBufferBytes,
      said: () => this.#said(),
      hasUnheard: () => host.hasUnheard(),
    });
    this.#requests = new Requests(this.#streams, limits, (stream, headers) => host.request(stream, headers));
    this.#introduce(limits);
  }

  /** No more frames are taken. */
  get isDeaf(): boolean {
    return this.#isDead;
  }

  /** Nothing is left but to send the output. */
  get isOver(): boolean {
    return this.#isDead || (this.#requests.isClosing && this.#streams.size === 0);
  }

  /** No more streams are taken. */
  get isLeaving(): boolean {
    return this.#isDead || this.#requests.isClosing;
  }

  /** The client has introduced itself. */
  get isEstablished(): boolean {
    return this.#hasSettings;
  }

  /** `goOn` is wanted, best before more is received. */
  get isBehind(): boolean {
    return !this.#isDead && this.#reader.isBehind;
  }

  get isTired(): boolean {
    return this.#framesRead % UNASKED_FRAMES === 0 && this.#host.isTired();
  }

  /** The client owes the rest of a frame, or of a header block. */
  get isWithinFrame(): boolean {
    return this.#reader.isWithin || this.#block !== undefined;
  }

  /** So many replies wait for the client that its requests wait, too. */
  get isHolding(): boolean {
    return this.#requests.areHeld;
  }

  /** Goes up as long as the client takes anything. */
  get sentBytes(): number {
    return this.#streams.sender.sentBytes;
  }

  get hasOutput(): boolean {
    return this.#output.bytes > 0;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    this.#read(bytes, nowMs);
  }

  /** With what has come and was not read. */
  goOn(nowMs: number): void {
    this.#read(undefined, nowMs);
  }

  #read(bytes: Uint8Array | undefined, nowMs: number): void {
    if (this.#isDead) return;
    this.#guard.setTime(nowMs);
    this.#isCalled = true;
    try {
      if (bytes === undefined) this.#reader.goOn();
      else this.#reader.read(bytes, this.#preface(bytes));
      this.#streams.inflow.update();
      this.#requests.admit();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.fail(error.code, error.message);
      this.#host.failed(error.code, error.message);
    } finally {
      this.#isCalled = false;
    }
  }

  /** The next piece to be sent, in a buffer of the pool's; undefined when there is no more. */
  takeOutput(): Uint8Array | undefined {
    this.#isOutputKnown = false;
    return this.#output.take();
  }

  /** What the socket has been given and has not sent; there may be more output then. */
  setBacklog(bytes: number): void {
    const { sender } = this.#streams;
    sender.backlogBytes = bytes;
    this.#isCalled = true;
    sender.pump();
    this.#requests.admit();
    this.#isCalled = false;
  }

  /**
   * 6.8: asks the client to open no more streams, and leaves when it has heard of that: what it has sent by then
   * is served, for it cannot tell what was refused from what was done.
   */
  leaveSoon(): void {
    if (this.#isLeavingSoon || this.#requests.isClosing || this.#isDead) return;
    this.#isLeavingSoon = true;
    this.#output.goaway(MAX_STREAM_ID, ErrorCode.NO_ERROR, "");
    this.ping(GOODBYE_PING);
  }

  /** 6.8: no more streams; when those that are open are done, it is over. */
  leave(): void {
    if (this.#requests.isClosing || this.#isDead) return;
    this.#requests.isClosing = true;
    this.#lastAnsweredId = this.#streams.lastId;
    this.#output.goaway(this.#lastAnsweredId, ErrorCode.NO_ERROR, "");
    this.#said();
    this.#host.left();
  }

  /** Ends everything now. */
  fail(code: ErrorCode, message: string): void {
    if (this.#isDead) return;
    this.#output.goaway(this.#lastAnsweredId ?? this.#streams.lastId, code, message);
    this.#said();
    this.#isDead = true;
    this.#streams.abandon(code);
  }

  /** The socket is gone. */
  lost(): void {
    this.#isDead = true;
    this.#streams.abandon(ErrorCode.CANCEL);
  }

  ping(payload = PING): void {
    this.#output.frameHeader(payload.length, FrameType.PING, 0, 0);
    this.#output.payload(payload, 0, payload.length);
    this.#said();
  }

  /**
   * Resets streams that were answered before the last call and whose clients are still sending (8.1): nearly all have
   * seen the answer by then, and stopped. Returns whether to call again.
   */
  resetUnheard(): boolean {
    return this.#streams.resetUnheard();
  }

  /** Frames that came whole, so that one can see whether any do. */
  get framesRead(): number {
    return this.#framesRead;
  }

  frame(type: number, flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    this.#framesRead++;
    if (this.#block !== undefined && type !== FrameType.CONTINUATION) throw violation("a header block was interrupted");
    if (!this.#hasSettings && type !== FrameType.SETTINGS) throw violation("SETTINGS have to come first");
    switch (type) {
      case FrameType.DATA:
        this.#data(flags, id, bytes, start, end);
        break;
      case FrameType.HEADERS:
        this.#headers(flags, id, bytes, start, end);
        break;
      case FrameType.PRIORITY:
        this.#priority(id, bytes, start, end);
        break;
      case FrameType.RST_STREAM:
        this.#rstStream(id, bytes, start, end);
        break;
      case FrameType.SETTINGS:
        this.#settingsFrame(flags, id, bytes, start, end);
        break;
      case FrameType.PUSH_PROMISE:
        throw violation("a client cannot push");
      case FrameType.PING:
        this.#ping(flags, id, bytes, start, end);
        break;
      case FrameType.GOAWAY:
        this.#goaway(id, start, end);
        break;
      case FrameType.WINDOW_UPDATE:
        this.#windowUpdate(id, bytes, start, end);
        break;
      case FrameType.CONTINUATION:
        this.#continuation(flags, id, bytes, start, end);
        break;
      default:
        // 5.5: an extension that we do not know.
        this.#guard.idle();
    }
  }

  #said(): void {
    if (this.#isCalled || this.#isOutputKnown || this.#output.bytes === 0) return;
    this.#isOutputKnown = true;
    this.#host.hasOutput();
  }

  /** 3.4, our half. */
  #introduce({ maxConcurrentStreams, maxStreamBufferBytes, maxHeaderBytes }: ConnectionLimits): void {
    const payload = settingsPayload([
      ...(maxConcurrentStreams < UNLIMITED ? [[Setting.MAX_CONCURRENT_STREAMS, maxConcurrentStreams] as const] : []),
      [Setting.INITIAL_WINDOW_SIZE, maxStreamBufferBytes],
      [Setting.MAX_HEADER_LIST_SIZE, maxHeaderBytes],
    ]);
    this.#output.frameHeader(payload.length, FrameType.SETTINGS, 0, 0);
    this.#output.payload(payload, 0, payload.length);
    this.#streams.inflow.update();
  }

  /** 3.4, the client's. Returns where the frames begin. */
  #preface(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#prefaceBytes < PREFACE.length) {
      if (bytes[at++] !== PREFACE.charCodeAt(this.#prefaceBytes++)) throw violation("that is no HTTP/2 preface");
    }
    return at;
  }

  /** 6.1. */
  #data(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw violation("DATA on stream 0");
    const frameBytes = end - start;
    this.#streams.inflow.take(frameBytes);
    const isPadded = (flags & Flag.PADDED) !== 0;
    const from = isPadded ? start + 1 : start;
    const to = isPadded ? end - paddingOf(bytes, start, end) : end;
    const stream = this.#streams.get(id);
    const verdict = ON_DATA[stream?.state ?? this.#streams.stateOf(id) ?? State.CLOSED];
    if (verdict === Verdict.CONNECTION_ERROR) throw violation("DATA on an idle stream");
    if (verdict === Verdict.DROP) {
      if (frameBytes < SHORT_BYTES) this.#guard.idle();
    } else if (stream === undefined) {
      this.#streams.refuse(id, ErrorCode.STREAM_CLOSED);
    } else if (verdict === Verdict.STREAM_ERROR) {
      this.#streams.failStream(stream, ErrorCode.STREAM_CLOSED);
    } else {
      this.#take(stream, bytes, from, to, frameBytes, (flags & Flag.END_STREAM) !== 0);
    }
  }

  #take(stream: Stream, bytes: Uint8Array, from: number, to: number, frameBytes: number, isLast: boolean): void {
    stream.receiveWindowBytes -= frameBytes;
    if (stream.receiveWindowBytes < 0) {
      this.#streams.failStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
      return;
    }
    if (stream.expectedBytes >= 0) {
      // 8.1.1: the length that was announced is the length.
      stream.expectedBytes -= to - from;
      if (stream.expectedBytes < 0 || (isLast && stream.expectedBytes > 0)) {
        this.#streams.failStream(stream, ErrorCode.PROTOCOL_ERROR);
        return;
      }
    }
    if (from === to && !isLast) this.#guard.idle();
    // Before the receiver gets it: a reply to the last piece then closes the stream.
    if (isLast) this.#streams.remoteEnded(stream);
    if (frameBytes > 0) stream.deliver(bytes, from, to, frameBytes);
    if (isLast) stream.deliverEnd();
  }

  /** 6.2. */
  #headers(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw violation("HEADERS on stream 0");
    let from = start;
    let to = end;
    if ((flags & Flag.PADDED) !== 0) {
      to -= paddingOf(bytes, start, end);
      from++;
    }
    let dependsOnItself = false;
    if ((flags & Flag.PRIORITY) !== 0) {
      if (to - from < 5) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "HEADERS without their priority");
      dependsOnItself = (uint32(bytes, from) & 0x7fffffff) === id;
      from += 5;
    }
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#requests.headers(id, flags, dependsOnItself, bytes, from, to);
      return;
    }
    this.#block = new HeaderBlock(id, flags, dependsOnItself, this.#limits.maxHeaderBytes);
    this.#block.add(bytes, from, to);
  }

  /** 6.10. */
  #continuation(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    const block = this.#block;
    if (block === undefined || block.id !== id) throw violation("CONTINUATION of nothing");
    block.add(bytes, start, end);
    if ((flags & Flag.END_HEADERS) === 0) return;
    this.#block = undefined;
    const whole = block.whole();
    this.#requests.headers(id, block.flags, block.dependsOnItself, whole, 0, whole.length);
  }

  /** 6.3: what it says is not looked at, but for what makes no sense (RFC 7540, 5.3.1). */
  #priority(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw violation("PRIORITY on stream 0");
    this.#guard.idle();
    const isWrong = end - start !== 5;
    if (!isWrong && (uint32(bytes, start) & 0x7fffffff) !== id) return;
    const code = isWrong ? ErrorCode.FRAME_SIZE_ERROR : ErrorCode.PROTOCOL_ERROR;
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#streams.failStream(stream, code);
    // An idle stream cannot be reset.
    else throw new ConnectionError(code, "a PRIORITY that makes no sense");
  }

  /** 6.4. */
  #rstStream(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw violation("RST_STREAM on stream 0");
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a RST_STREAM of a wrong size");
    const stream = this.#streams.get(id);
    const verdict = ON_RST_STREAM[stream?.state ?? this.#streams.stateOf(id) ?? State.CLOSED];
    if (verdict === Verdict.CONNECTION_ERROR) throw violation("RST_STREAM on an idle stream");
    if (stream === undefined) {
      this.#guard.idle();
      return;
    }
    // One that was answered has been paid for by its request.
    if (!stream.headersSent) this.#guard.reset();
    this.#streams.remoteReset(stream, uint32(bytes, start));
  }

  /** 6.5. */
  #settingsFrame(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw violation("SETTINGS on a stream");
    if ((flags & Flag.ACK) !== 0) {
      this.#guard.idle();
      if (end > start) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "an ACK of SETTINGS has settings");
      if (!this.#hasSettings) throw violation("SETTINGS have to come first");
      return;
    }
    this.#guard.settings();
    const { initialWindowBytes, headerTableBytes } = this.#settings;
    this.#settings.take(bytes, start, end);
    this.#hasSettings = true;
    const now = this.#settings;
    if (now.headerTableBytes !== headerTableBytes) this.#streams.encoder.setMaxTableBytes(now.headerTableBytes);
    this.#output.frameHeader(0, FrameType.SETTINGS, Flag.ACK, 0);
    const change = now.initialWindowBytes - initialWindowBytes;
    if (change !== 0 && !this.#streams.changeWindows(change)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a stream's window is too large now");
    }
  }

  /** 6.7. */
  #ping(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw violation("PING on a stream");
    if (end - start !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a PING of a wrong size");
    if ((flags & Flag.ACK) !== 0) {
      this.#guard.idle();
      if (bytes[start] !== GOODBYE) this.#host.pingAnswered();
      else if (this.#isLeavingSoon) this.leave();
      return;
    }
    this.#guard.ping(this.#streams.size > 0);
    this.#output.frameHeader(8, FrameType.PING, Flag.ACK, 0);
    this.#output.payload(bytes, start, end);
  }

  /** 6.8: we open no streams, so it only says that the client will open none. */
  #goaway(id: number, start: number, end: number): void {
    if (id !== 0) throw violation("GOAWAY on a stream");
    if (end - start < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a GOAWAY of a wrong size");
    this.#guard.idle();
    this.leave();
  }

  /** 6.9. */
  #windowUpdate(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a WINDOW_UPDATE of a wrong size");
    this.#guard.windowUpdate();
    const increment = uint32(bytes, start) & 0x7fffffff;
    if (id === 0) {
      if (increment === 0) throw violation("a WINDOW_UPDATE by nothing");
      this.#streams.sender.updateConnection(increment);
      return;
    }
    const stream = this.#streams.get(id);
    const verdict = ON_WINDOW_UPDATE[stream?.state ?? this.#streams.stateOf(id) ?? State.CLOSED];
    if (verdict === Verdict.CONNECTION_ERROR) throw violation("WINDOW_UPDATE on an idle stream");
    // It may just have been answered.
    if (stream === undefined) return;
    if (increment === 0) this.#streams.failStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (!this.#streams.sender.updateStream(stream, increment)) {
      this.#streams.failStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    }
  }
}
