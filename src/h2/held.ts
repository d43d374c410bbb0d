/**
 * What has come on a stream whose reader has paused: bounded by the stream's window (RFC 9113, 5.2). Small pieces are
 * copied together, for each by itself would cost far more than its bytes.
 */
const SMALL_BYTES = 1024;
const SEGMENT_BYTES = 8192;

export class Held {
  bytes = 0;
  #pieces: Uint8Array[] = [];
  /** The last piece is the beginning of this segment, if it is one. */
  #segment: Uint8Array | undefined;
  #used = 0;

  push(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (piece.length >= SMALL_BYTES) {
      this.#segment = undefined;
      this.#pieces.push(piece);
      return;
    }
    if (this.#segment === undefined || this.#used + piece.length > this.#segment.length) {
      this.#segment = new Uint8Array(this.#segment === undefined ? SMALL_BYTES : SEGMENT_BYTES);
      this.#used = 0;
      this.#pieces.push(this.#segment);
    }
    this.#segment.set(piece, this.#used);
    this.#used += piece.length;
    this.#pieces[this.#pieces.length - 1] = this.#segment.subarray(0, this.#used);
  }

  shift(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    if (this.#pieces.length === 0) this.#segment = undefined;
    this.bytes -= piece.length;
    return piece;
  }
}
