/** Small arrays cut from a larger one: an ArrayBuffer each would cost more than what is put into them. */

const WHOLE_BYTES = 16 * 1024;
/** The engine has smaller ones in its own heap; larger ones would keep too much memory that is not theirs. */
const MIN_PIECE_BYTES = 65;
const MAX_PIECE_BYTES = 1024;

let whole = new Uint8Array(0);
let used = 0;

/** All zero. */
export function newBytes(sizeBytes: number): Uint8Array {
  if (!isPiece(sizeBytes)) return new Uint8Array(sizeBytes);
  if (used + sizeBytes > whole.length) {
    whole = new Uint8Array(WHOLE_BYTES);
    used = 0;
  }
  const piece = whole.subarray(used, used + sizeBytes);
  used += sizeBytes;
  return piece;
}

export function copyOf(bytes: Uint8Array): Uint8Array {
  if (!isPiece(bytes.length)) return bytes.slice();
  const copy = newBytes(bytes.length);
  copy.set(bytes);
  return copy;
}

function isPiece(sizeBytes: number): boolean {
  return sizeBytes >= MIN_PIECE_BYTES && sizeBytes <= MAX_PIECE_BYTES;
}
