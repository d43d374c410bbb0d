/** A value as a hex dump: 16 bytes a row, as `hexdump -C` has them, or fewer where there is no room. */
import { hexByte } from "./forms.ts";

export const ROW_BYTES = 16;

export interface HexRow {
  /** `0000001f` */
  readonly offset: string;
  readonly hex: string;
  /** One character a byte; a dot for what is not printable ASCII. */
  readonly ascii: string;
}

export function hexRowCount(bytes: Uint8Array, rowBytes = ROW_BYTES): number {
  return Math.ceil(bytes.length / rowBytes);
}

export function hexRow(bytes: Uint8Array, row: number, rowBytes = ROW_BYTES): HexRow {
  const from = row * rowBytes;
  const part = bytes.subarray(from, from + rowBytes);
  const cells = Array.from(part, hexByte);
  const hex = `${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}`.trimEnd();
  return { offset: from.toString(16).padStart(8, "0"), hex, ascii: Array.from(part, printable).join("") };
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}
