import { fromText } from "../language/gostring.ts";
import { requireJson } from "./kv.ts";
import type { Output, Style } from "./output.ts";
import { tableText } from "./table.ts";

/** Cells by commas, or in a table. */
export function printRows(titles: readonly string[], rows: string[][], style: Style, output: Output): void {
  if (style.format === "table") output.out(tableText(titles, rows));
  else if (style.format === "simple") output.out(fromText(rows.map((row) => `${row.join(", ")}\n`).join("")));
  else requireJson(style.format);
}
