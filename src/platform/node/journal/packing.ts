/**
 * Rows as one piece of memory: a thread hands it to another without a copy, where thousands of small arrays would each
 * be cloned.
 *
 *     row   key length (4)   value length (4)   key   value
 */
import type { Row } from "../../../journal/index.ts";

const LENGTHS_BYTES = 8;

export function packRows(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { key, value } of rows) size += LENGTHS_BYTES + key.length + value.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { key, value } of rows) {
    view.setUint32(at, key.length);
    view.setUint32(at + 4, value.length);
    bytes.set(key, at + LENGTHS_BYTES);
    bytes.set(value, at + LENGTHS_BYTES + key.length);
    at += LENGTHS_BYTES + key.length + value.length;
  }
  return bytes;
}

/** Views of what was packed. */
export function unpackRows(packed: Uint8Array): Row[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const rows: Row[] = [];
  for (let at = 0; at < packed.length; ) {
    const keyStart = at + LENGTHS_BYTES;
    const valueStart = keyStart + view.getUint32(at);
    at = valueStart + view.getUint32(at + 4);
    rows.push({ key: packed.subarray(keyStart, valueStart), value: packed.subarray(valueStart, at) });
  }
  return rows;
}
