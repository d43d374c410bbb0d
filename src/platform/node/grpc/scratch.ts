/**
 * Where messages are written, from the end to the start, so that a length is known when it is to be written:
 *
 *     scratch  [ ............... │ prefix │ tag len │ tag len │ field ]
 *                                 ◄───────────────────── written from here
 */
import { copyBytes } from "../../../mvcc/index.ts";
import { PREFIX_BYTES } from "./frames.ts";

const FIRST_SCRATCH_BYTES = 64 * 1024;
/** What one huge reply made of the scratch buffer is given back. */
const MAX_KEPT_SCRATCH_BYTES = 4 * 1024 * 1024;
const MAX_VARINT_BYTES = 10;

/** One buffer for all messages, emptied before each. */
export class Scratch {
  #bytes = Buffer.alloc(FIRST_SCRATCH_BYTES);
  /** Where the last thing written begins. */
  at = FIRST_SCRATCH_BYTES;

  reset(): void {
    if (this.#bytes.length > MAX_KEPT_SCRATCH_BYTES) this.#bytes = Buffer.alloc(FIRST_SCRATCH_BYTES);
    this.at = this.#bytes.length;
  }

  /** A number below 2^32. */
  varint32(value: number): void {
    this.#room(MAX_VARINT_BYTES);
    const bytes = this.#bytes;
    if (value < 0x80) {
      bytes[--this.at] = value;
      return;
    }
    let length = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) length++;
    this.at -= length;
    let at = this.at;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at] = rest;
  }

  varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffff_ffffn) {
      this.varint32(Number(value));
      return;
    }
    this.#room(MAX_VARINT_BYTES);
    let low = Number(BigInt.asUintN(32, value));
    let high = Number(BigInt.asUintN(32, value >> 32n));
    const groups: number[] = SEVENS;
    let length = 0;
    while (high > 0 || low > 0x7f) {
      groups[length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    groups[length++] = low;
    this.at -= length;
    for (let i = 0; i < length; i++) this.#bytes[this.at + i] = groups[i] as number;
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.at -= value.length;
    this.#bytes.set(value, this.at);
  }

  /** Room for bytes that somebody else writes, from `at` on in the buffer that it gives. */
  claim(bytes: number): Uint8Array {
    this.#room(bytes);
    this.at -= bytes;
    return this.#bytes;
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.#room(length);
    this.at -= length;
    this.#bytes.write(value, this.at, length, "utf8");
  }

  /** How many bytes have been written since `reset`, and where `end` counts from. */
  get length(): number {
    return this.#bytes.length - this.at;
  }

  /** A copy of what has been written, or of so many bytes that were written last. */
  written(bytes = this.length): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(this.at, this.at + bytes));
  }

  /** What has been written, as a frame. */
  get frameBytes(): number {
    return PREFIX_BYTES + this.length;
  }

  copyFrame(to: Buffer, start: number): void {
    const { length } = this;
    to[start] = 0;
    to[start + 1] = length >>> 24;
    to[start + 2] = length >>> 16;
    to[start + 3] = length >>> 8;
    to[start + 4] = length;
    copyBytes(this.#bytes, this.at, this.#bytes.length, to, start + PREFIX_BYTES);
  }

  #room(length: number): void {
    if (length <= this.at) return;
    const written = this.#bytes.subarray(this.at);
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, written.length + length));
    grown.set(written, grown.length - written.length);
    this.#bytes = grown;
    this.at = grown.length - written.length;
  }
}

const SEVENS: number[] = new Array(MAX_VARINT_BYTES).fill(0);
