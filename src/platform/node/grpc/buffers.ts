/**
 * What connections may keep us busy with: bytes that wait in memory for a client, to send the rest of a request or to
 * take a reply, and messages that are large, which hold the event loop for as long as they take.
 *
 *     a connection has its most bytes   its next calls wait until its client has taken some
 *     all together have their most      the connection that has the most is ended
 *     a call is large, or its           it waits in line: a little of each connection in a turn of the loop, and all
 *       connection's last one was         together not for long
 */
import type { Turns } from "../h2/turns.ts";

export interface BuffersOptions {
  readonly maxConnectionBytes: number;
  readonly maxBytes: number;
  readonly turns: Turns;
  /** Ends a connection, by what it is known by; its calls then close. */
  readonly evict: (connection: object, bytes: number) => void;
}

/** A message from which on the time that it takes can be felt. */
const LARGE_BYTES = 64 * 1024;
/** What a connection gets of a turn. */
const TURN_BYTES = 256 * 1024;

export class Buffers {
  readonly options: BuffersOptions;
  readonly #all = new WeakMap<object, ConnectionBuffer>();
  readonly #holding = new Map<ConnectionBuffer, object>();
  #bytes = 0;

  constructor(options: BuffersOptions) {
    this.options = options;
  }

  /** That of a connection; undefined stands for one that is gone. */
  of(connection: object | undefined): ConnectionBuffer {
    const known = connection && this.#all.get(connection);
    if (known !== undefined) return known;
    const buffer = new ConnectionBuffer(this, connection);
    if (connection !== undefined) this.#all.set(connection, buffer);
    return buffer;
  }

  changed(buffer: ConnectionBuffer, connection: object, byBytes: number): void {
    this.#bytes += byBytes;
    if (buffer.bytes === 0) this.#holding.delete(buffer);
    else this.#holding.set(buffer, connection);
    if (this.#bytes > this.options.maxBytes && byBytes > 0) this.#evict();
  }

  #evict(): void {
    let most: readonly [ConnectionBuffer, object] | undefined;
    for (const one of this.#holding) if (most === undefined || one[0].bytes > most[0].bytes) most = one;
    if (most === undefined) return;
    const [buffer, connection] = most;
    const { bytes } = buffer;
    // Its calls are about to close, and count no more.
    buffer.abandon();
    // Not under the feet of the call that was the last straw: it may be one of this connection.
    setImmediate(() => this.options.evict(connection, bytes));
  }
}

export class ConnectionBuffer {
  readonly #all: Buffers;
  readonly #connection: object | undefined;
  /** Who waits, by what is kept meanwhile. */
  readonly #waiting = new Map<() => void, number>();
  #waitingBytes = 0;
  #bytes = 0;
  #isAbandoned = false;
  /** Its last message was large: the next one may well be. */
  #isHeavy = false;
  #isInLine = false;
  #repliedBytes = 0;
  readonly #next = (): void => {
    this.#isInLine = false;
    this.#isHeavy = false;
    let bytes = 0;
    while (bytes < TURN_BYTES && !this.isFull) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const [callback, requestBytes] = first;
      this.#forget(callback);
      this.#repliedBytes = 0;
      callback();
      // What goes on behind an await may come to anything.
      bytes += this.#repliedBytes === 0 ? TURN_BYTES : requestBytes + this.#repliedBytes;
    }
    this.#lineUp();
  };

  constructor(all: Buffers, connection: object | undefined) {
    this.#all = all;
    this.#connection = connection;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** To one that is about to be ended nothing is given any more. Those that wait for room take none from one another. */
  get isFull(): boolean {
    return this.#isAbandoned || this.#bytes - this.#waitingBytes >= this.#all.options.maxConnectionBytes;
  }

  /** Whether a call with a request of that size is to go on by `whenRoom`. */
  mustWait(requestBytes = 0): boolean {
    return requestBytes >= LARGE_BYTES || this.#isHeavy || this.#waiting.size > 0 || this.isFull;
  }

  /** A message of that size was made. */
  replied(bytes: number): void {
    this.#repliedBytes += bytes;
    if (bytes >= LARGE_BYTES) this.#isHeavy = true;
  }

  /** @param bytes below 0 for those that the client has taken, or never will */
  change(bytes: number): void {
    if (bytes === 0 || this.#isAbandoned || this.#connection === undefined) return;
    this.#bytes += bytes;
    this.#all.changed(this, this.#connection, bytes);
    this.#lineUp();
  }

  /**
   * Calls back in a turn in which there is room: the first that waits is the first to go on.
   * @param bytes of what is kept meanwhile
   * @returns what to call when nobody waits any more
   */
  whenRoom(bytes: number, callback: () => void): () => void {
    this.#waiting.set(callback, bytes);
    this.#waitingBytes += bytes;
    this.change(bytes);
    this.#lineUp();
    return () => this.#forget(callback);
  }

  abandon(): void {
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#isAbandoned = true;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    if (this.#connection !== undefined) this.#all.changed(this, this.#connection, -bytes);
  }

  #forget(callback: () => void): void {
    const bytes = this.#waiting.get(callback);
    if (bytes === undefined) return;
    this.#waiting.delete(callback);
    this.#waitingBytes -= bytes;
    this.change(-bytes);
  }

  #lineUp(): void {
    if (this.#isInLine || this.#waiting.size === 0 || this.isFull) return;
    this.#isInLine = true;
    this.#all.options.turns.next(this.#next);
  }
}
