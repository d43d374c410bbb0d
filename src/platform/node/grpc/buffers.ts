/**
 * Bytes that wait in memory for a client: to send the rest of a request, or to take a reply. HTTP/2 lets it ask for
 * as much as it likes, and read nothing of it.
 *
 *     a connection has its most      its next calls wait until its client has taken some
 *     all together have their most   the connection that has the most is ended
 */
import type { CallSession } from "./stream.ts";

export interface BuffersOptions {
  readonly maxConnectionBytes: number;
  readonly maxBytes: number;
  /** Ends a connection, by its CallSession; its calls then close. */
  readonly evict: (connection: CallSession, bytes: number) => void;
}

export class Buffers {
  readonly options: BuffersOptions;
  readonly #all = new WeakMap<CallSession, ConnectionBuffer>();
  readonly #holding = new Map<ConnectionBuffer, CallSession>();
  #bytes = 0;

  constructor(options: BuffersOptions) {
    this.options = options;
  }

  /** That of a connection; undefined stands for one that is gone. */
  of(connection: CallSession | undefined): ConnectionBuffer {
    const known = connection && this.#all.get(connection);
    if (known !== undefined) return known;
    const buffer = new ConnectionBuffer(this, connection);
    if (connection !== undefined) this.#all.set(connection, buffer);
    return buffer;
  }

  changed(buffer: ConnectionBuffer, connection: CallSession, byBytes: number): void {
    this.#bytes += byBytes;
    if (buffer.bytes === 0) this.#holding.delete(buffer);
    else this.#holding.set(buffer, connection);
    if (this.#bytes > this.options.maxBytes && byBytes > 0) this.#evict();
  }

  #evict(): void {
    let most: readonly [ConnectionBuffer, CallSession] | undefined;
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
  readonly #connection: CallSession | undefined;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  #isAbandoned = false;

  constructor(all: Buffers, connection: CallSession | undefined) {
    this.#all = all;
    this.#connection = connection;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** To one that is about to be ended nothing is given any more. */
  get isFull(): boolean {
    return this.#isAbandoned || this.#bytes >= this.#all.options.maxConnectionBytes;
  }

  /** @param bytes below 0 for those that the client has taken, or never will */
  change(bytes: number): void {
    if (bytes === 0 || this.#isAbandoned || this.#connection === undefined) return;
    this.#bytes += bytes;
    this.#all.changed(this, this.#connection, bytes);
    for (const callback of this.#waiting) {
      if (this.isFull) return;
      this.#waiting.delete(callback);
      callback();
    }
  }

  /**
   * Calls back once there is room: the first that waits is the first to go on.
   * @returns what to call when nobody waits any more
   */
  whenRoom(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  abandon(): void {
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#isAbandoned = true;
    this.#waiting.clear();
    if (this.#connection !== undefined) this.#all.changed(this, this.#connection, -bytes);
  }
}
