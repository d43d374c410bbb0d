import { KEY_COLUMNS, type KeyColumn } from "../../app/preferences.ts";

export interface Column {
  readonly id: KeyColumn;
  readonly title: string;
  readonly widthPx: number;
}

const COLUMNS: Record<KeyColumn, Column> = {
  size: { id: "size", title: "Size", widthPx: 66 },
  mod: { id: "mod", title: "Mod rev.", widthPx: 68 },
  version: { id: "version", title: "Version", widthPx: 60 },
  ttl: { id: "ttl", title: "TTL", widthPx: 64 },
};
/** Which goes first where there is little room. */
const PRIORITY: readonly KeyColumn[] = ["size", "mod", "ttl", "version"];
const LEAST_KEY_PX = 200;

export const COLUMN_LABELS: Record<KeyColumn, string> = {
  size: "Size",
  mod: "Mod revision",
  version: "Version",
  ttl: "Lease TTL",
};

/** The chosen columns that fit beside the key, in their order. */
export function fittingColumns(chosen: readonly KeyColumn[], widthPx: number): Column[] {
  let leftPx = widthPx - LEAST_KEY_PX;
  const fitting = new Set<KeyColumn>();
  for (const id of PRIORITY) {
    if (!chosen.includes(id) || COLUMNS[id].widthPx > leftPx) continue;
    leftPx -= COLUMNS[id].widthPx;
    fitting.add(id);
  }
  return KEY_COLUMNS.filter((id) => fitting.has(id)).map((id) => COLUMNS[id]);
}
