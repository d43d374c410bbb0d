import { IncomingMessage } from "node:http";

/** A piece as large as the system hands out: there is more behind it. */
const WHOLE_PIECE_BYTES = 64 * 1024;
/** Deno does not go on with a request that has been stopped. */
const CAN_STOP = !("deno" in process.versions);
/** Others do not tell a request of its pieces by `push`. */
const IS_PUSHED = CAN_STOP && !("bun" in process.versions);
const EMPTY = new Uint8Array(0);

/**
 * A request of HTTP/1.1 whose body comes a piece in each turn of the event loop. Else the socket of a client that is
 * fast would be read 32 times in a row, and those of many others like it, before anyone else is heard.
 */
export class PacedRequest extends IncomingMessage {
  #hasHadTurn = false;
  #isWanted = false;
  #whenWhole: ((body: Uint8Array) => void) | undefined;

  /** See HttpRequest. */
  whenWhole(callback: (body: Uint8Array) => void): boolean {
    if (IS_PUSHED) this.#whenWhole = callback;
    return IS_PUSHED;
  }

  override push(piece: Uint8Array | null, encoding?: BufferEncoding): boolean {
    const isWanted = super.push(piece, encoding);
    if (piece === null && this.complete) this.#isWhole();
    if (!CAN_STOP || piece === null || piece.length < WHOLE_PIECE_BYTES || this.#hasHadTurn) return isWanted;
    this.#hasHadTurn = true;
    setImmediate(() => {
      this.#hasHadTurn = false;
      if (this.#isWanted && !this.destroyed) this._read(this.readableHighWaterMark);
    });
    // Stops the socket.
    return false;
  }

  #isWhole(): void {
    const callback = this.#whenWhole;
    if (callback === undefined) return;
    this.#whenWhole = undefined;
    // To node:http a request of which nothing was asked for is one that it has to empty.
    this._read(0);
    callback((this.read() as Buffer | null) ?? EMPTY);
  }

  override _read(sizeBytes: number): void {
    this.#isWanted = this.#hasHadTurn;
    if (!this.#hasHadTurn) super._read(sizeBytes);
  }
}
