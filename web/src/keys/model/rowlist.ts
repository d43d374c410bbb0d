import { mapKey, toDisplay } from "../../store/bytes.ts";
import type { FolderNode, Row } from "./foldernode.ts";
import type { KeyTree } from "./keytree.ts";

/** Rows by number: what the grid draws. */
export interface RowList {
  readonly count: number;
  row(at: number): Row | undefined;
  /** -1 where it is not there. */
  locate(path: Uint8Array): number;
}

export function allRows(tree: KeyTree): RowList {
  return { count: tree.rowCount, row: (at) => tree.row(at), locate: (path) => tree.locate(path) };
}

/** What is loaded and has the text in its name, whatever its case, one below the other. */
export function filteredRows(tree: KeyTree, text: string): RowList {
  const wanted = text.toLowerCase();
  const rows: Row[] = [];
  const add = (folder: FolderNode): void => {
    for (const { entries } of folder.slots) {
      for (const entry of entries ?? []) {
        if (toDisplay(entry.chain).toLowerCase().includes(wanted)) {
          rows.push({
            kind: "entry",
            id: mapKey(entry.path),
            level: 1,
            entry,
            position: rows.length + 1,
            setSize: -1,
            folder,
          });
        }
        if (entry.node !== undefined) add(entry.node);
      }
    }
  };
  add(tree.root);
  const indexes = new Map(rows.map(({ id }, at) => [id, at]));
  const sized = rows.map((row) => (row.kind === "entry" ? { ...row, setSize: rows.length } : row));
  return { count: rows.length, row: (at) => sized[at], locate: (path) => indexes.get(mapKey(path)) ?? -1 };
}
