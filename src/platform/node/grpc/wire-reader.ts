/** The values of protobuf's wire format, one behind another; nothing is read beyond the end. */

export const Wire = Object.freeze({ VARINT: 0, BIT64: 1, LENGTH: 2, BIT32: 5 });

/** Of a varint: so many bytes are at most 49 bits, which a number holds. */
const NUMBER_BYTES = 7;
const NUMBER_BITS = 49n;
const MAX_VARINT_BYTES = 10;
/** As in protobuf-es, a byte order mark is text, and what is no UTF-8 is no string. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class WireReader {
  at = 0;
  /** Of the message that is read. */
  end: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.end = bytes.length;
  }

  /** The number of a field and the type of its value. */
  tag(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    this.at--;
    const value = this.#varint64();
    if (typeof value === "number" && value <= 0xffff_ffff) return value;
    throw new Error("a field's number is too large");
  }

  /** The low 32 bits of a number. */
  varint32(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let count = 1; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#byte();
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw tooLong();
  }

  int64(): bigint {
    const value = this.#varint64();
    return typeof value === "number" ? BigInt(value) : BigInt.asIntN(64, value);
  }

  uint64(): bigint {
    const value = this.#varint64();
    return typeof value === "number" ? BigInt(value) : BigInt.asUintN(64, value);
  }

  bool(): boolean {
    const value = this.#varint64();
    return typeof value === "number" ? value !== 0 : BigInt.asUintN(64, value) !== 0n;
  }

  /** A part of what is read, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint32();
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    return utf8.decode(this.bytes());
  }

  /** Goes into a value that has a length: its end is the end until whoever called puts the old one back. */
  enter(): void {
    const length = this.varint32();
    this.end = this.#advance(length) + length;
    this.at -= length;
  }

  /** Passes a value over. */
  skip(wireType: number): void {
    if (wireType === Wire.VARINT) this.#varint64();
    else if (wireType === Wire.LENGTH) this.#advance(this.varint32());
    else if (wireType === Wire.BIT64) this.#advance(8);
    else if (wireType === Wire.BIT32) this.#advance(4);
    // Groups, which no message of etcd's has ever had, and types that do not exist.
    else throw new Error(`wire type ${wireType}`);
  }

  #varint64(): number | bigint {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < NUMBER_BYTES; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    let high = 0;
    for (let count = NUMBER_BYTES; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#byte();
      high |= (byte & 0x7f) << (7 * (count - NUMBER_BYTES));
      if (byte < 0x80) return BigInt(value) | (BigInt(high) << NUMBER_BITS);
    }
    throw tooLong();
  }

  #byte(): number {
    if (this.at >= this.end) throw new Error("truncated");
    return this.#bytes[this.at++] as number;
  }

  /** Returns where it was. */
  #advance(length: number): number {
    const { at } = this;
    if (length > this.end - at) throw new Error("truncated");
    this.at = at + length;
    return at;
  }
}

function tooLong(): Error {
  return new Error("a varint of more than ten bytes");
}
