import { useEffect, useRef, useState } from "react";
import type { RowList } from "./model/rowlist.ts";
import { NOTHING_SELECTED, type Selection, toggled, withKeys, withoutKeys } from "./model/selection.ts";

/** A range of more rows than this is not selected at once. */
const MAX_SELECTED_ROWS = 10_000;

export interface SelectedKeys {
  readonly selection: Selection;
  readonly toggle: (key: Uint8Array) => void;
  /** Adds the keys from one row to another; while it begins at the same row, in place of what it added before. */
  readonly between: (from: number, to: number) => void;
  readonly all: () => void;
  readonly clear: () => void;
  /** Of keys that are gone. */
  readonly drop: (keys: readonly Uint8Array[]) => void;
}

/** Which keys are selected; `scope` names the list, and another list begins with none. */
export function useSelection(rows: RowList, scope: unknown): SelectedKeys {
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const range = useRef<{ readonly from: number; readonly base: Selection } | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of the list that matters
  useEffect(() => setSelection(NOTHING_SELECTED), [scope]);
  const set = (next: Selection): void => {
    range.current = undefined;
    setSelection(next);
  };
  return {
    selection,
    toggle: (key) => set(toggled(selection, key)),
    between: (from, to) => {
      if (range.current?.from !== from) range.current = { from, base: selection };
      setSelection(withKeys(range.current.base, keysBetween(rows, Math.min(from, to), Math.max(from, to))));
    },
    all: () => set(withKeys(NOTHING_SELECTED, keysBetween(rows, 0, rows.count - 1))),
    clear: () => set(NOTHING_SELECTED),
    drop: (keys) => setSelection((held) => withoutKeys(held, keys)),
  };
}

/** Only of rows that are loaded: nothing is selected that was never there to be seen. */
function keysBetween(rows: RowList, first: number, last: number): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let at = first; at <= Math.min(last, first + MAX_SELECTED_ROWS - 1); at++) {
    const row = rows.row(at);
    if (row?.kind === "entry" && row.entry.info !== undefined) keys.push(row.entry.path);
  }
  return keys;
}
