import { PREFIX_BYTES } from "../grpc/frames.ts";

/** Of a body in pieces: how much of a message has come that is not whole. Messages are in envelopes, or the body is one. */
export class MessageMeter {
  /** Of the message that is coming, or would be. */
  pendingBytes = 0;
  readonly #isEnveloped: boolean;
  #length = 0;
  /** Of the message that is coming; undefined before that is known. */
  #totalBytes: number | undefined;

  constructor(isEnveloped: boolean) {
    this.#isEnveloped = isEnveloped;
  }

  /** @returns the size of the largest message that the piece has made whole, or 0 */
  read(piece: Uint8Array): number {
    if (!this.#isEnveloped) {
      this.pendingBytes += piece.length;
      return 0;
    }
    let largestBytes = 0;
    for (let at = 0; at < piece.length; ) {
      at += this.#totalBytes === undefined ? this.#prefix(piece[at] as number) : this.#message(piece.length - at);
      if (this.pendingBytes !== this.#totalBytes) continue;
      largestBytes = Math.max(largestBytes, this.pendingBytes);
      this.pendingBytes = 0;
      this.#length = 0;
      this.#totalBytes = undefined;
    }
    return largestBytes;
  }

  #prefix(byte: number): number {
    // The first is of flags.
    if (this.pendingBytes > 0) this.#length = this.#length * 256 + byte;
    this.pendingBytes++;
    if (this.pendingBytes === PREFIX_BYTES) this.#totalBytes = PREFIX_BYTES + this.#length;
    return 1;
  }

  #message(mostBytes: number): number {
    const bytes = Math.min(mostBytes, (this.#totalBytes as number) - this.pendingBytes);
    this.pendingBytes += bytes;
    return bytes;
  }
}
