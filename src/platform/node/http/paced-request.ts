import { IncomingMessage } from "node:http";

/** A piece as large as the system hands out: there is more behind it. */
const WHOLE_PIECE_BYTES = 64 * 1024;
/** Deno does not go on with a request that has been stopped. */
const CAN_STOP = !("deno" in process.versions);

/**
 * A request of HTTP/1.1 whose body comes a piece in each turn of the event loop. Else the socket of a client that is
 * fast would be read 32 times in a row, and those of many others like it, before anyone else is heard.
 */
export class PacedRequest extends IncomingMessage {
  #hasHadTurn = false;
  #isWanted = false;

  override push(piece: Uint8Array | null, encoding?: BufferEncoding): boolean {
    const isWanted = super.push(piece, encoding);
    if (!CAN_STOP || piece === null || piece.length < WHOLE_PIECE_BYTES || this.#hasHadTurn) return isWanted;
    this.#hasHadTurn = true;
    setImmediate(() => {
      this.#hasHadTurn = false;
      if (this.#isWanted && !this.destroyed) this._read(this.readableHighWaterMark);
    });
    // Stops the socket.
    return false;
  }

  override _read(sizeBytes: number): void {
    this.#isWanted = this.#hasHadTurn;
    if (!this.#hasHadTurn) super._read(sizeBytes);
  }
}
