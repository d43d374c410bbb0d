/** 64 secret bits, as two numbers of 32. */
export interface HashSeed {
  readonly low: number;
  readonly high: number;
}

/** Where nobody said another: for who has no clients that must not know it. */
export const DEFAULT_SEED: HashSeed = { low: 0x03020100, high: 0x07060504 };

const FIRST_BYTES = 256;

/** A key that is looked for: its bytes and their hash, made in one pass, as to ask a string for a character costs most. */
export class KeyProbe {
  readonly #seed: HashSeed;
  /** Of which the first `length` are the key's. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Of the same bytes. */
  view = new DataView(this.bytes.buffer);
  length = 0;
  hash = 0;

  constructor(seed: HashSeed) {
    this.#seed = seed;
  }

  /**
   * Takes a key and hashes it by HalfSipHash-1-3, which is SipHash for words of 32 bits: who does not know the seed cannot
   * choose keys that fall on one place of a table. A round for every four bytes, one for what is left of them and the
   * length, and three more.
   */
  take(key: string): void {
    const { length } = key;
    if (length > this.bytes.length) this.#grow(length);
    const { low, high } = this.#seed;
    const { view } = this;
    let v0 = low | 0;
    let v1 = high | 0;
    let v2 = 0x6c796765 ^ low;
    let v3 = 0x74656462 ^ high;
    for (let at = 0; at <= length + 12; at += 4) {
      let word = 0;
      if (at + 4 <= length) {
        word = key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8);
        word |= (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24);
        view.setInt32(at, word, true);
      } else if (at <= length) word = this.#takeRest(key, at);
      else if (at <= length + 4) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.length = length;
    this.hash = v1 ^ v3;
  }

  /** Up to three bytes; returns them with the length. */
  #takeRest(key: string, from: number): number {
    let word = key.length << 24;
    for (let at = from; at < key.length; at++) {
      const byte = key.charCodeAt(at);
      this.bytes[at] = byte;
      word |= byte << ((at - from) * 8);
    }
    return word;
  }

  #grow(length: number): void {
    this.bytes = new Uint8Array(length * 2);
    this.view = new DataView(this.bytes.buffer);
  }
}
