/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78: the checksum under etcd's HashKV. */

/** Eight bytes a step: the table of each is that of the byte, followed by as many zeros as bytes come after it. */
const STEP_BYTES = 8;
const TABLES = new Uint32Array(256 * STEP_BYTES);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  TABLES[byte] = crc;
}
for (let at = 256; at < TABLES.length; at++) {
  const crc = TABLES[at - 256] as number;
  TABLES[at] = (TABLES[crc & 0xff] as number) ^ (crc >>> 8);
}

/** The checksum of all that came before `crc` (0 for nothing) followed by `bytes`; an unsigned 32-bit number. */
export function crc32c(crc: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  const tables = TABLES;
  let state = ~crc;
  let at = start;
  for (const last = end - STEP_BYTES; at <= last; at += STEP_BYTES) {
    const low =
      state ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    state =
      (tables[1792 + (low & 0xff)] as number) ^
      (tables[1536 + ((low >>> 8) & 0xff)] as number) ^
      (tables[1280 + ((low >>> 16) & 0xff)] as number) ^
      (tables[1024 + (low >>> 24)] as number) ^
      (tables[768 + (bytes[at + 4] as number)] as number) ^
      (tables[512 + (bytes[at + 5] as number)] as number) ^
      (tables[256 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number);
  }
  for (; at < end; at++) state = (tables[(state ^ (bytes[at] as number)) & 0xff] as number) ^ (state >>> 8);
  return ~state >>> 0;
}
