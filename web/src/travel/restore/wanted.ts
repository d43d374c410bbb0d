import { Cell } from "../../ui/cell.ts";

export interface RestoreWanted {
  readonly id: number;
  /** Empty for every key. */
  readonly prefix: Uint8Array;
  /** Undefined: it is asked for. */
  readonly revision: number | undefined;
}

/** What the restore dialog is open for. */
export const restoreWanted = new Cell<RestoreWanted | undefined>(undefined);

let lastId = 0;

/** Opens the dialog that brings a prefix back to what it was at a revision. */
export function openRestore(prefix: Uint8Array, revision?: number): void {
  restoreWanted.set({ id: ++lastId, prefix, revision });
}
