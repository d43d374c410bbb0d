/**
 * One stream (RFC 9113, 5), as whoever answers it sees it: headers, pieces of a body, an end; both ways, each with its
 * own flow. All that has to be said is said to a receiver; nothing is said after `closed`.
 */
import { ErrorCode } from "./constants.ts";
import { Held } from "./held.ts";
import type { OutgoingHeaders } from "./hpack-encoder.ts";
import { State } from "./states.ts";

export interface StreamReceiver {
  /** A piece of the body; the memory is the receiver's for as long as it likes. */
  received(piece: Uint8Array): void;
  /** The client has sent everything. */
  halfClosed(): void;
  /** `write` may go on. */
  roomAgain(): void;
  /** The end of it, however it came about; `code` is that of a RST_STREAM. */
  closed(code: number): void;
}

/** The connection of a stream, for whoever answers it. */
export interface StreamSession {
  /** Or what says as much about the client. */
  readonly socket: object;
}

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly session: StreamSession;
  sendHeaders(stream: Stream, headers: OutgoingHeaders, isLast: boolean): void;
  /** @returns false if it is better to wait for `roomAgain` before more is written */
  sendData(stream: Stream, bytes: Uint8Array): boolean;
  /** After what is still queued: END_STREAM, with trailers or without. */
  sendEnd(stream: Stream, trailers: OutgoingHeaders | undefined): void;
  resetStream(stream: Stream, code: ErrorCode): void;
  /** The receiver is done with bytes of the stream: the client may send as many again. */
  consumed(stream: Stream, bytes: number): void;
  /** As many bytes are kept for a receiver that has paused; fewer, if negative. */
  holds(bytes: number): void;
}

export class Stream {
  readonly id: number;
  readonly owner: StreamOwner;
  state: State;
  headersSent = false;
  /** What the client may be sent (6.9), what it may send, and what it is to be allowed again. */
  sendWindowBytes: number;
  receiveWindowBytes: number;
  toReturnBytes = 0;
  /** Of a body whose length was announced: what is to come. Else -1. */
  expectedBytes: number;
  /** What could not be sent yet, the first piece from `queueOffset` on; what comes behind it. */
  queue: Uint8Array[] | undefined;
  queueOffset = 0;
  queuedBytes = 0;
  isEnding = false;
  trailers: OutgoingHeaders | undefined;
  /** Whether the writer was told to wait. */
  isWaitedFor = false;
  /** The round of its connection in which we had said everything and the client had not. */
  unheardSince = 0;
  /** Neighbours in the table, and among those that could send. */
  nextInPlace: Stream | undefined;
  previousReady: Stream | undefined;
  nextReady: Stream | undefined;
  isReady = false;
  #receiver: StreamReceiver | undefined;
  #isPaused = false;
  #held: Held | undefined;
  #hasEnded = false;
  #hasSaidEnd = false;

  constructor(
    id: number,
    owner: StreamOwner,
    state: State,
    sendWindowBytes: number,
    receiveWindowBytes: number,
    expectedBytes: number,
  ) {
    this.id = id;
    this.owner = owner;
    this.state = state;
    this.sendWindowBytes = sendWindowBytes;
    this.receiveWindowBytes = receiveWindowBytes;
    this.expectedBytes = expectedBytes;
  }

  attach(receiver: StreamReceiver): void {
    this.#receiver = receiver;
  }

  get session(): StreamSession {
    return this.owner.session;
  }

  /** Whether the client still listens, and we have not said our last word. */
  get isWritable(): boolean {
    return !this.isEnding && (this.state === State.OPEN || this.state === State.HALF_CLOSED_REMOTE);
  }

  get isClosed(): boolean {
    return this.state >= State.CLOSED;
  }

  /** Whether memory that was given to `write` is still needed as it is: what goes out at once is copied. */
  get holdsBytes(): boolean {
    return this.queuedBytes > 0;
  }

  /** A response of 1xx, before the real one (RFC 9110, 15.2). */
  inform(headers: OutgoingHeaders): void {
    if (this.isWritable && !this.headersSent) this.owner.sendHeaders(this, headers, false);
  }

  respond(headers: OutgoingHeaders): void {
    if (!this.isWritable) return;
    this.headersSent = true;
    this.owner.sendHeaders(this, headers, false);
  }

  /** A response of headers alone. */
  respondOnly(headers: OutgoingHeaders): void {
    if (!this.isWritable) return;
    this.headersSent = true;
    this.owner.sendHeaders(this, headers, true);
  }

  /** @returns false if it is better to wait for `roomAgain` before more is written */
  write(bytes: Uint8Array): boolean {
    return !this.isWritable || this.owner.sendData(this, bytes);
  }

  end(trailers?: OutgoingHeaders): void {
    if (this.isWritable) this.owner.sendEnd(this, trailers);
  }

  /** A whole response. */
  reply(headers: OutgoingHeaders, body: Uint8Array, trailers: OutgoingHeaders): void {
    if (!this.isWritable) return;
    this.headersSent = true;
    this.owner.sendHeaders(this, headers, false);
    this.owner.sendData(this, body);
    this.owner.sendEnd(this, trailers);
  }

  reset(code: ErrorCode = ErrorCode.CANCEL): void {
    if (!this.isClosed) this.owner.resetStream(this, code);
  }

  /** No more pieces for now; the client is stopped by its window. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#release();
    if (this.#hasEnded) this.#sayEnd();
  }

  /** From the connection: a frame of the body that took `frameBytes` of the windows; its padding is nobody's to read. */
  deliver(bytes: Uint8Array, start: number, end: number, frameBytes: number): void {
    const length = end - start;
    if (!this.#isPaused) {
      this.owner.consumed(this, frameBytes);
      if (length > 0) this.#receiver?.received(bytes.subarray(start, end));
      return;
    }
    this.owner.consumed(this, frameBytes - length);
    if (length === 0) return;
    this.#held ??= new Held();
    this.#held.push(bytes.subarray(start, end));
    this.owner.holds(length);
  }

  /** From the connection: the client has sent its last. */
  deliverEnd(): void {
    this.#hasEnded = true;
    if (!this.#isPaused) this.#sayEnd();
  }

  /** From the connection: there is room again. */
  deliverRoom(): void {
    this.isWaitedFor = false;
    this.#receiver?.roomAgain();
  }

  /** From the connection: it is over. */
  deliverClosed(code: number): void {
    if (this.#held !== undefined) this.owner.holds(-this.#held.bytes);
    this.#held = undefined;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(code);
  }

  #release(): void {
    for (;;) {
      const piece = this.#isPaused ? undefined : this.#held?.shift();
      if (piece === undefined) return;
      this.owner.holds(-piece.length);
      this.owner.consumed(this, piece.length);
      this.#receiver?.received(piece);
    }
  }

  #sayEnd(): void {
    if (this.#hasSaidEnd || this.#isPaused) return;
    this.#hasSaidEnd = true;
    this.#receiver?.halfClosed();
  }
}
