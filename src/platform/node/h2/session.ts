/**
 * A socket and the engine's connection on it: bytes to the one and from the other, and all that takes time.
 *
 *     data ──► receive ──► replies made at once ──┐
 *     replies made later, in one turn ────────────┴──► one write
 *
 * Who does not read what it is sent is not read from, either; nor who has sent more than it has a turn for.
 */
import type { Socket } from "node:net";
import { Connection, type ConnectionHost, type ConnectionLimits, ErrorCode } from "../../../h2/index.ts";
import type { Clock } from "../../../server/index.ts";
import type { OutputBuffers } from "./buffers.ts";
import type { Turns } from "./turns.ts";

export interface SessionOptions {
  readonly socket: Socket;
  readonly buffers: OutputBuffers;
  readonly turns: Turns;
  readonly limits: ConnectionLimits;
  /** For the client to introduce itself, and for what it has begun to send. */
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  readonly request: (session: EngineSession, ...args: Parameters<ConnectionHost["request"]>) => void;
  /** By the client's fault, or, with an error, by ours. */
  readonly failed: (session: EngineSession, code: number, reason: string, error?: unknown) => void;
  readonly closed: (session: EngineSession) => void;
}

/** What a client may leave untaken before it is not read from. */
const CLOGGED_BYTES = 1024 * 1024;
/** How long a client may take to notice that its call is over. */
const UNHEARD_MS = 250;
/** For a client to hear that we leave, when nobody waits for that. */
const GOODBYE_MS = 1000;
/** How long one that is closed has for its side. */
const LINGER_MS = 1000;
/** For a client that lets more wait than it may to take anything of it. */
const STALL_MS = 30_000;

export class EngineSession implements ConnectionHost {
  readonly socket: Socket;
  readonly #options: SessionOptions;
  readonly #connection: Connection;
  /** Until the client has introduced itself. */
  #cancelHandshake: (() => void) | undefined;
  #pingAnswered: ((error: Error | null) => void) | undefined;
  #cancelPatience: (() => void) | undefined;
  #unheard: NodeJS.Timeout | undefined;
  #goodbye: NodeJS.Timeout | undefined;
  #isFlushing = false;
  #isFlushComing = false;
  #isEnding = false;
  readonly #onLeft: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  /** Pieces of output that the socket has, oldest first. */
  readonly #lent: Uint8Array[] = [];
  readonly #written = (): void => {
    const piece = this.#lent.shift();
    if (piece !== undefined) this.#options.buffers.give(piece);
  };
  readonly #goOn = (): void => this.#read(undefined);

  constructor(options: SessionOptions) {
    const { socket, buffers, limits, clock, handshakeTimeoutMs } = options;
    this.#options = options;
    this.socket = socket;
    this.#connection = new Connection({ host: this, pool: buffers, session: this, limits, nowMs: clock.now() });
    this.#cancelHandshake = clock.setTimer(handshakeTimeoutMs, () => {
      this.fail(ErrorCode.SETTINGS_TIMEOUT, "no SETTINGS");
    });
    socket.setNoDelay(true);
    // A reset is a client's right; "close" follows and is what counts.
    socket.on("error", () => {});
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("drain", () => this.#drained());
    socket.on("close", () => this.#closed());
    this.#flush();
    socket.resume();
  }

  get hasStreams(): boolean {
    return this.#connection.openStreams > 0;
  }

  request(...args: Parameters<ConnectionHost["request"]>): void {
    this.#options.request(this, ...args);
  }

  isTired(): boolean {
    return this.#options.turns.isOver;
  }

  hasOutput(): void {
    // Whatever else this turn brings goes along.
    this.#flushLater(process.nextTick);
  }

  hasUnheard(): void {
    if (this.#unheard !== undefined) return;
    this.#unheard = setTimeout(() => {
      this.#unheard = undefined;
      if (this.#connection.resetUnheard()) this.hasUnheard();
      this.#flush();
    }, UNHEARD_MS);
    this.#unheard.unref();
  }

  pingAnswered(): void {
    const answered = this.#pingAnswered;
    this.#pingAnswered = undefined;
    answered?.(null);
  }

  left(): void {
    clearTimeout(this.#goodbye);
    for (const listener of this.#onLeft.splice(0)) listener();
  }

  failed(code: number, reason: string): void {
    this.#options.failed(this, code, reason);
  }

  ping(answered: (error: Error | null) => void): void {
    this.#pingAnswered = answered;
    this.#connection.ping();
  }

  /**
   * No new streams once the client knows of it, or after `withinMs`; when those that are open are done, the connection
   * is closed.
   * @param left called when there are no new ones
   */
  leave(withinMs: number, left: () => void): void {
    if (this.#connection.isLeaving) {
      left();
      return;
    }
    this.#onLeft.push(left);
    clearTimeout(this.#goodbye);
    this.#goodbye = setTimeout(() => this.leaveNow(), withinMs);
    this.#connection.leaveSoon();
    this.#flush();
  }

  /** No new streams; when those that are open are done, the connection is closed. */
  leaveNow(): void {
    // What has come is answered, if only by a refusal: a client takes what it hears nothing of for not arrived.
    while (this.#connection.isBehind) this.#read(undefined);
    this.#connection.leave();
    this.#flush();
  }

  close(): void {
    this.leave(GOODBYE_MS, () => {});
  }

  /** Says why, and closes without waiting for what is open. */
  fail(code: ErrorCode, reason: string): void {
    this.#connection.fail(code, reason);
    this.#flush();
  }

  destroy(): void {
    this.socket.destroy();
  }

  once(_event: "close", listener: () => void): void {
    this.#onClose.push(listener);
  }

  /** @param bytes undefined to go on with those that were received before */
  #read(bytes: Buffer | undefined): void {
    const { clock, turns } = this.#options;
    const nowMs = clock.now();
    turns.begin(nowMs);
    try {
      if (bytes === undefined) this.#connection.goOn(nowMs);
      else this.#connection.receive(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), nowMs);
    } catch (error) {
      // A bug of ours, of which only this connection shall know.
      this.#connection.fail(ErrorCode.INTERNAL_ERROR, "internal error");
      this.#options.failed(this, ErrorCode.INTERNAL_ERROR, "internal error", error);
    }
    if (this.#cancelHandshake !== undefined && this.#connection.isEstablished) {
      this.#cancelHandshake();
      this.#cancelHandshake = undefined;
    }
    this.#flush();
    if (this.#connection.isBehind) turns.next(this.#goOn);
  }

  #drained(): void {
    this.#flush();
    this.#regulate();
  }

  /** Reads on, or does not. */
  #regulate(): void {
    const { socket } = this;
    const waits = this.#connection.isBehind || socket.writableLength > CLOGGED_BYTES;
    if (waits !== socket.isPaused()) waits ? socket.pause() : socket.resume();
  }

  #flushLater(schedule: (callback: () => void) => void): void {
    if (this.#isFlushComing) return;
    this.#isFlushComing = true;
    schedule(() => {
      this.#isFlushComing = false;
      this.#flush();
    });
  }

  #flush(): void {
    // Whoever hears of room, or of an end, may say something that comes here again.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    const { socket } = this;
    this.#write();
    this.#connection.setBacklog(socket.writableLength);
    this.#isFlushing = false;
    // Room for others between two large pieces of a reply.
    if (this.#connection.hasOutput) this.#flushLater(setImmediate);
    else if (this.#connection.isOver) this.#end();
    this.#regulate();
    const { isWithinFrame, isHolding } = this.#connection;
    if (this.#cancelPatience === undefined && (isWithinFrame || isHolding)) this.#watch();
  }

  #write(): void {
    const { socket } = this;
    let piece = this.#connection.takeOutput();
    while (piece !== undefined) {
      if (socket.writable) {
        this.#lent.push(piece);
        socket.write(piece, this.#written);
      } else {
        this.#options.buffers.give(piece);
      }
      piece = this.#connection.takeOutput();
    }
  }

  /** Reading on until the other side closes: with bytes unread the system would take back what was sent. */
  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.socket.end();
    this.socket.resume();
    const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    timer.unref();
    this.once("close", () => clearTimeout(timer));
  }

  /** Whether what was begun goes on, and what waits is taken. */
  #watch(): void {
    const { clock, handshakeTimeoutMs } = this.#options;
    const { framesRead, sentBytes, isHolding } = this.#connection;
    this.#cancelPatience = clock.setTimer(isHolding ? STALL_MS : handshakeTimeoutMs, () => {
      this.#cancelPatience = undefined;
      const now = this.#connection;
      if (now.isWithinFrame && now.framesRead === framesRead) {
        this.fail(ErrorCode.ENHANCE_YOUR_CALM, "part of a frame");
        this.failed(ErrorCode.ENHANCE_YOUR_CALM, "part_of_a_frame");
      } else if (now.isHolding && now.sentBytes === sentBytes) {
        this.fail(ErrorCode.ENHANCE_YOUR_CALM, "replies are not taken");
        this.failed(ErrorCode.ENHANCE_YOUR_CALM, "replies_not_taken");
      } else if (now.isWithinFrame || now.isHolding) {
        this.#watch();
      }
    });
  }

  #closed(): void {
    this.#cancelHandshake?.();
    this.#cancelPatience?.();
    clearTimeout(this.#unheard);
    this.#connection.lost();
    this.left();
    // What nobody will take is given back.
    this.#write();
    for (const listener of this.#onClose.splice(0)) listener();
    this.#options.closed(this);
  }
}
