/** New inputs from old ones: bits, bytes and numbers changed, parts taken out, doubled, moved, and put in from others. */
import type { Random } from "./random.ts";

const NUMBERS = [
  0,
  1,
  2,
  7,
  8,
  15,
  16,
  63,
  64,
  127,
  128,
  255,
  256,
  1000,
  4095,
  4096,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];
const MAX_STEPS = 6;

type Step = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

function spliced(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + put.length);
  result.set(bytes.subarray(0, at));
  result.set(put, at);
  result.set(bytes.subarray(at + removed), at + put.length);
  return result;
}

function part(bytes: Uint8Array, random: Random): { readonly at: number; readonly length: number } {
  const at = random.below(bytes.length + 1);
  const most = bytes.length - at;
  // Short ones more often than not.
  return { at, length: Math.min(most, random.below(2) === 0 ? random.below(8) : random.below(most + 1)) };
}

function changedByte(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  bytes[at] = change(bytes[at] as number);
  return bytes;
}

/** As a byte, two, four or eight of either order, or as a varint. */
function numberBytes(random: Random): Uint8Array {
  const number = random.pick(NUMBERS);
  const view = new DataView(new ArrayBuffer(8));
  const isNegative = random.below(8) === 0;
  const value = isNegative ? -BigInt(number) : BigInt(number);
  switch (random.below(5)) {
    case 0:
      return Uint8Array.of(number);
    case 1:
      view.setUint16(0, number, random.below(2) === 0);
      return new Uint8Array(view.buffer, 0, 2);
    case 2:
      view.setUint32(0, number, random.below(2) === 0);
      return new Uint8Array(view.buffer, 0, 4);
    case 3:
      view.setBigInt64(0, value, random.below(2) === 0);
      return new Uint8Array(view.buffer);
    default:
      return varint(BigInt.asUintN(64, value));
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Uint8Array.from([...bytes, Number(value)]);
}

const STEPS: readonly Step[] = [
  (bytes, random) => changedByte(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => changedByte(bytes, random, () => random.below(256)),
  (bytes, random) => changedByte(bytes, random, (byte) => byte + random.below(35) - 17),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, Uint8Array.of(random.below(256))),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, numberBytes(random)),
  (bytes, random) => {
    const put = numberBytes(random);
    const at = random.below(bytes.length + 1);
    return spliced(bytes, at, Math.min(put.length, bytes.length - at), put);
  },
  (bytes, random) => {
    const { at, length } = part(bytes, random);
    return spliced(bytes, at, length, new Uint8Array(0));
  },
  (bytes, random) => {
    const { at, length } = part(bytes, random);
    return spliced(bytes, random.below(bytes.length + 1), 0, bytes.slice(at, at + length));
  },
  (bytes, random) => {
    const { at, length } = part(bytes, random);
    const times = 2 + random.below(30);
    const piece = bytes.slice(at, at + Math.min(length, 64));
    const put = new Uint8Array(piece.length * times);
    for (let i = 0; i < times; i++) put.set(piece, i * piece.length);
    return spliced(bytes, at, 0, put);
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    const from = part(other, random);
    const to = part(bytes, random);
    return spliced(bytes, to.at, to.length, other.slice(from.at, from.at + from.length));
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
];

export class Mutator {
  readonly #random: Random;
  readonly #words: readonly Uint8Array[];
  readonly #maxBytes: number;

  constructor(random: Random, words: readonly (string | Uint8Array)[], maxBytes: number) {
    this.#random = random;
    this.#words = words.map((word) => (typeof word === "string" ? new TextEncoder().encode(word) : word));
    this.#maxBytes = maxBytes;
  }

  /** @param corpus not empty; its later half, which is what was found last, is taken more often */
  next(corpus: readonly Uint8Array[]): Uint8Array {
    const random = this.#random;
    const from = random.below(2) === 0 ? 0 : corpus.length >> 1;
    let bytes: Uint8Array = (corpus[from + random.below(corpus.length - from)] as Uint8Array).slice();
    for (let steps = 1 + random.below(MAX_STEPS); steps > 0; steps--) {
      bytes =
        this.#words.length > 0 && random.below(3) === 0
          ? this.#withWord(bytes)
          : random.pick(STEPS)(bytes, random, corpus);
    }
    return bytes.length > this.#maxBytes ? bytes.slice(0, this.#maxBytes) : bytes;
  }

  #withWord(bytes: Uint8Array): Uint8Array {
    const word = this.#random.pick(this.#words);
    const { at, length } = part(bytes, this.#random);
    return spliced(bytes, at, this.#random.below(2) === 0 ? 0 : length, word);
  }
}
