/** Names of users and roles are text, and bytes where they are kept; keys are bytes, and one-byte strings here. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function nameFromBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function bytesFromName(name: string): Uint8Array {
  return encoder.encode(name);
}

/** The order of their bytes, which is not that of JavaScript's strings. */
export function compareNames(a: string, b: string): number {
  return compareBytes(encoder.encode(a), encoder.encode(b));
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A character a byte. */
export function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}
