/** Header names and values are bytes; here they are one-byte strings, a character a byte. */

/** `String.fromCharCode` takes its characters as arguments, and engines limit how many there may be. */
const MAX_ARGUMENTS = 8192;
const SPACE = 0x20;

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= MAX_ARGUMENTS) {
    return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }
  return latin1(bytes, start, start + MAX_ARGUMENTS) + latin1(bytes, start + MAX_ARGUMENTS, end);
}

/** The byte of a character that goes out: one that would end the line, or is none, becomes a space. */
export function byteOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code > 0xff || code === 0 || code === 0x0a || code === 0x0d ? SPACE : code;
}
