/**
 * Keys as one-byte strings.
 *
 * Inside the store a key is a latin1 string: one character a byte. V8 keeps such strings at one byte a
 * character and compares, hashes and sorts them in byte order, which is the order etcd gives keys in.
 * Outside (wire, journal, UI) a key is bytes; these two functions are the only way across.
 */

/** `String.fromCharCode` takes its characters as arguments, and engines limit how many there may be. */
const MAX_ARGUMENTS = 8192;

/** The one-byte string for `bytes` (any bytes, also not UTF-8). */
export function keyFromBytes(bytes: Uint8Array): string {
  if (bytes.length <= MAX_ARGUMENTS) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let key = "";
  for (let at = 0; at < bytes.length; at += MAX_ARGUMENTS) {
    key += keyFromBytes(bytes.subarray(at, at + MAX_ARGUMENTS));
  }
  return key;
}

/** The bytes of a one-byte string. */
export function bytesFromKey(key: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(key.length);
  for (let at = 0; at < key.length; at++) bytes[at] = key.charCodeAt(at);
  return bytes;
}

/** Byte-wise order of two values: negative, 0 or positive, a prefix before what it is a prefix of. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Up to this, copying byte by byte is faster than a call that copies. */
const MAX_LOOPED_BYTES = 64;

export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > MAX_LOOPED_BYTES) {
    to.set(start === 0 && end === from.length ? from : from.subarray(start, end), at);
    return;
  }
  let next = at;
  for (let index = start; index < end; index++) to[next++] = from[index] as number;
}

export const EMPTY_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);
