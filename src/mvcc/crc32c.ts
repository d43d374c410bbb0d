/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78: the checksum under etcd's HashKV. */
const TABLE = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  TABLE[byte] = crc;
}

/** The checksum of all that came before `crc` (0 for nothing) followed by `bytes`; an unsigned 32-bit number. */
export function crc32c(crc: number, bytes: Uint8Array, length = bytes.length): number {
  let state = ~crc;
  for (let at = 0; at < length; at++) {
    state = (TABLE[(state ^ (bytes[at] as number)) & 0xff] as number) ^ (state >>> 8);
  }
  return ~state >>> 0;
}
