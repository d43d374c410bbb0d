import { fromText, type GoString } from "../language/gostring.ts";

/** A table in box-drawing characters, as `-w table` draws it: titles centered, cells on the right. */
export function tableText(titles: readonly string[], rows: ReadonlyArray<readonly string[]>): GoString {
  const heads = titles.map((title) => title.replaceAll("_", " ").toUpperCase());
  const widths = heads.map((head, at) =>
    Math.max(...[head, ...rows.map((row) => row[at] ?? "")].map((text) => text.length)),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}\n`;
  const line = (cells: readonly string[]): string => `│ ${cells.join(" │ ")} │\n`;
  const centered = heads.map((head, at) => {
    const space = (widths[at] ?? 0) - head.length;
    return " ".repeat(Math.floor(space / 2)) + head + " ".repeat(Math.ceil(space / 2));
  });
  const body = rows.map((row) => line(row.map((cell, at) => cell.padStart(widths[at] ?? 0))));
  return fromText(rule("┌", "┬", "┐") + line(centered) + rule("├", "┼", "┤") + body.join("") + rule("└", "┴", "┘"));
}
