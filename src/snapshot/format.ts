/**
 * bbolt's file, all numbers little-endian:
 *
 *     page      id 8 · flags 2 · count 2 · overflow 4 · as many elements · their keys and values
 *               and as many pages behind it belong to it as `overflow` says
 *     meta      pages 0 and 1: magic 4 · version 4 · page size 4 · flags 4 · root 8 · sequence 8 · freelist 8 ·
 *               pages 8 · transaction 8 · checksum 8 (FNV-1a of what is before it); the newest good one counts
 *     leaf      element: flags 4 · position 4 · key size 4 · value size 4, the position from the element's start
 *     branch    element: position 4 · key size 4 · page 8, the key being the first under that page
 *     bucket    a row of a leaf, with a flag; its value: root page 8 · sequence 8, and if the root is 0 a leaf page
 */
export const PAGE_BYTES = 4096;
export const PAGE_HEADER_BYTES = 16;
/** Of a leaf as of a branch. */
export const ELEMENT_BYTES = 16;
export const BUCKET_HEADER_BYTES = 16;
export const META_BYTES = 64;
export const CHECKSUM_AT = 56;

export const PageFlag = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;
export const BUCKET_FLAG = 0x01;

export const MAGIC = 0xed0cdaed;
export const VERSION = 2;

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a, 64 bits. */
export function fnv64a(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
