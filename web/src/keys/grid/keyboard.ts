/** What the keys of the keyboard mean in the grid, apart from how it is done. */

import { toDisplay } from "../../store/bytes.ts";
import type { Row } from "../model/foldernode.ts";
import type { RowList } from "../model/rowlist.ts";

export interface GridPlace {
  readonly at: number;
  readonly rows: RowList;
  readonly pageRows: number;
}

/** The row that a key moves to; undefined for a key that does not move. */
export function destinationOf(key: string, { at, rows, pageRows }: GridPlace): number | undefined {
  const last = rows.count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "PageDown":
      return Math.min(last, at + pageRows);
    case "PageUp":
      return Math.max(0, at - pageRows);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

/** The row of the folder that a row is in; -1 at the top. */
export function parentOf(row: Row, rows: RowList): number {
  if (row.kind === "pending") return -1;
  const { owner } = row.folder;
  return owner === undefined ? -1 : rows.locate(owner.path);
}

export function nameOf(row: Row): string {
  if (row.kind !== "entry") return "";
  const { entry, level, folder } = row;
  return toDisplay(entry.chain.subarray(level === 1 ? 0 : folder.prefix.length));
}

/** Rows that are looked through for what was typed. */
const MAX_LOOKED_THROUGH = 5_000;

/** The next row from `at` on, round the end, whose name begins with what was typed; -1 for none. */
export function typedAhead(text: string, at: number, rows: RowList): number {
  const wanted = text.toLowerCase();
  // One character goes on to the next row that begins with it; more stay where they still fit.
  const from = text.length === 1 ? at + 1 : at;
  for (let step = 0; step < Math.min(rows.count, MAX_LOOKED_THROUGH); step++) {
    const index = (from + step) % rows.count;
    const row = rows.row(index);
    if (row === undefined) continue;
    const name = nameOf(row).toLowerCase();
    // Most names begin with a delimiter at the top: it need not be typed.
    if (name.startsWith(wanted) || name.replace(/^\W+/, "").startsWith(wanted)) return index;
  }
  return -1;
}
