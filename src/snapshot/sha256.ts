/** SHA-256 (FIPS 180-4) of bytes that come piece by piece: WebCrypto takes them only as a whole. */
const BLOCK_BYTES = 64;
const LENGTH_AT = BLOCK_BYTES - 8;
export const SHA256_BYTES = 32;

const ROUND_COUNT = 64;
const ROUNDS = Int32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
  ...[0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
  ...[0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
  ...[0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
  ...[0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
  ...[0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
  ...[0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2],
);

export class Sha256 {
  readonly #state = Int32Array.of(
    ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  );
  readonly #words = new Int32Array(ROUND_COUNT);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #blockBytes = 0;
  #totalBytes = 0;

  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#blockBytes > 0) {
      at = Math.min(bytes.length, BLOCK_BYTES - this.#blockBytes);
      this.#block.set(bytes.subarray(0, at), this.#blockBytes);
      this.#blockBytes += at;
      if (this.#blockBytes < BLOCK_BYTES) return;
      this.#hash(this.#block, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#hash(bytes, at);
    this.#block.set(bytes.subarray(at));
    this.#blockBytes = bytes.length - at;
  }

  /** Of all that came; nothing may come after. */
  digest(): Uint8Array<ArrayBuffer> {
    const block = this.#block;
    block[this.#blockBytes] = 0x80;
    block.fill(0, this.#blockBytes + 1);
    if (this.#blockBytes >= LENGTH_AT) {
      this.#hash(block, 0);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    view.setBigUint64(LENGTH_AT, BigInt(this.#totalBytes) * 8n);
    this.#hash(block, 0);
    const digest = new DataView(new ArrayBuffer(SHA256_BYTES));
    this.#state.forEach((word, at) => {
      digest.setInt32(at * 4, word);
    });
    return new Uint8Array(digest.buffer);
  }

  #hash(bytes: Uint8Array, from: number): void {
    this.#schedule(bytes, from);
    const state = this.#state;
    const words = this.#words;
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let round = 0; round < ROUND_COUNT; round++) {
      const sumE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const choice = g ^ (e & (f ^ g));
      const first = (h + sumE + choice + (ROUNDS[round] as number) + (words[round] as number)) | 0;
      const sumA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const majority = (a & b) ^ (c & (a ^ b));
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + sumA + majority) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
    state[4] = (state[4] as number) + e;
    state[5] = (state[5] as number) + f;
    state[6] = (state[6] as number) + g;
    state[7] = (state[7] as number) + h;
  }

  #schedule(bytes: Uint8Array, from: number): void {
    const words = this.#words;
    for (let word = 0; word < 16; word++) {
      const at = from + word * 4;
      const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
      words[word] = high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    }
    for (let word = 16; word < ROUND_COUNT; word++) {
      const before2 = words[word - 2] as number;
      const before15 = words[word - 15] as number;
      const sigma1 = ((before2 >>> 17) | (before2 << 15)) ^ ((before2 >>> 19) | (before2 << 13)) ^ (before2 >>> 10);
      const sigma0 = ((before15 >>> 7) | (before15 << 25)) ^ ((before15 >>> 18) | (before15 << 14)) ^ (before15 >>> 3);
      words[word] = (sigma1 + (words[word - 7] as number) + sigma0 + (words[word - 16] as number)) | 0;
    }
  }
}
