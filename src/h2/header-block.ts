/**
 * RFC 9113, 4.3 and 6.10: a header block in several frames. Nothing else may come between them, so they are taken
 * together; how many they are, and how large in all, is limited.
 */
import { ErrorCode } from "./constants.ts";
import { ConnectionError } from "./errors.ts";

const MAX_FRAMES = 64;

export class HeaderBlock {
  readonly id: number;
  /** Of the HEADERS frame. */
  readonly flags: number;
  readonly dependsOnItself: boolean;
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(id: number, flags: number, dependsOnItself: boolean, maxBytes: number) {
    this.id = id;
    this.flags = flags;
    this.dependsOnItself = dependsOnItself;
    this.#maxBytes = maxBytes;
  }

  /** @throws ConnectionError */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#pieces.length >= MAX_FRAMES || this.#bytes > this.#maxBytes) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a header block is too long");
    }
    this.#pieces.push(new Uint8Array(bytes.subarray(start, end)));
  }

  whole(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
