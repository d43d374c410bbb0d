/** Where imported keys go: `/old/a` becomes `/new/a`. */
import { startsWith } from "../store/bytes.ts";

export interface Rekey {
  /** Taken off keys that begin with it. */
  readonly from: Uint8Array;
  /** Put before what is left, and before keys that do not begin with `from` not at all, unless it is empty. */
  readonly to: Uint8Array;
}

export function rekey(key: Uint8Array, { from, to }: Rekey): Uint8Array {
  if (!startsWith(key, from)) return key;
  return Uint8Array.of(...to, ...key.subarray(from.length));
}
