/**
 * gRPC's message frames, each a flag byte, four bytes of length and the message:
 *
 *     00 │ 00 00 00 05 │ 0a 03 66 6f 6f
 */
import { Status } from "../../../errors.ts";
import type { CallStatus } from "../../../rpc/index.ts";

export const PREFIX_BYTES = 5;

/** The message's bytes behind their prefix. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** What is wrong with a frame, by its prefix alone; undefined if nothing is. */
function checkPrefix(flag: number, length: number, maxBytes: number): CallStatus | undefined {
  if (length > maxBytes) {
    return {
      code: Status.RESOURCE_EXHAUSTED,
      message: `grpc: received message larger than max (${length} vs. ${maxBytes})`,
    };
  }
  if (flag === 0) return undefined;
  // Calls that announce a compression never come here.
  const message =
    flag === 1
      ? "grpc: compressed flag set with identity or empty encoding"
      : `grpc: received unexpected payload format ${flag}`;
  return { code: Status.INTERNAL, message };
}

/** The message of a piece that is one frame, no more and no less, as nearly every unary request is. */
export function onlyMessage(piece: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const length = piece.length - PREFIX_BYTES;
  if (length < 0 || length > maxBytes || piece[0] !== 0) return undefined;
  const announced =
    (((piece[1] as number) << 24) |
      ((piece[2] as number) << 16) |
      ((piece[3] as number) << 8) |
      (piece[4] as number)) >>>
    0;
  return announced === length ? new Uint8Array(piece.buffer, piece.byteOffset + PREFIX_BYTES, length) : undefined;
}

/**
 * Cuts a byte stream into messages, without copying a message that arrives in one piece.
 * A message refers to the memory it was received in: who keeps it, copies it.
 */
export class FrameReader {
  readonly #maxBytes: number;
  /** Bytes not yet given out, and how many of the first piece are used up. */
  readonly #pieces: Uint8Array[] = [];
  #offset = 0;
  #buffered = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a frame that is not whole yet. */
  get bufferedBytes(): number {
    return this.#buffered;
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#buffered += piece.length;
  }

  /** The next whole message, undefined while there is none, or what is wrong with it. */
  next(): Uint8Array | CallStatus | undefined {
    if (this.#buffered < PREFIX_BYTES) return undefined;
    let length = 0;
    for (let i = 1; i < PREFIX_BYTES; i++) length = length * 256 + this.#byteAt(i);
    const fault = checkPrefix(this.#byteAt(0), length, this.#maxBytes);
    if (fault !== undefined) return fault;
    if (this.#buffered < PREFIX_BYTES + length) return undefined;
    this.#take(PREFIX_BYTES);
    return this.#take(length);
  }

  #byteAt(index: number): number {
    let at = this.#offset + index;
    for (const piece of this.#pieces) {
      if (at < piece.length) return piece[at] as number;
      at -= piece.length;
    }
    throw new RangeError(`byte ${index} of ${this.#buffered}`);
  }

  #take(length: number): Uint8Array {
    this.#buffered -= length;
    const first = this.#pieces[0];
    if (first !== undefined && first.length - this.#offset >= length) {
      // A plain view: protobuf-es then hands out plain views in turn, not Node's Buffers.
      const bytes = new Uint8Array(first.buffer, first.byteOffset + this.#offset, length);
      this.#skip(length);
      return bytes;
    }
    const bytes = unfilled(length);
    for (let at = 0; at < length; ) {
      const piece = this.#pieces[0] as Uint8Array;
      const part = piece.subarray(this.#offset, this.#offset + length - at);
      bytes.set(part, at);
      at += part.length;
      this.#skip(part.length);
    }
    return bytes;
  }

  #skip(length: number): void {
    this.#offset += length;
    if (this.#offset < (this.#pieces[0]?.length ?? 0)) return;
    this.#pieces.shift();
    this.#offset = 0;
  }
}

/** Memory for a message that comes in pieces: to fill it with zeros first would cost as much as the pieces. */
function unfilled(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
