/** The differences of two texts line by line, as rows to show: what is alike is left out but for a few lines around. */
import { diffLines } from "diff";

export type DiffRow =
  | {
      readonly mark: "same" | "removed" | "added";
      readonly text: string;
      readonly before: number;
      readonly after: number;
    }
  /** Lines that are alike. */
  | { readonly mark: "skipped"; readonly count: number; readonly before: number };

export interface LineDiff {
  readonly rows: readonly DiffRow[];
  readonly added: number;
  readonly removed: number;
  /** Too different to be told apart in time: all of one, then all of the other. */
  readonly coarse: boolean;
}

const CONTEXT_LINES = 3;
const TIMEOUT_MS = 1_000;

export function lineDiff(before: string, after: string): LineDiff {
  const found = diffLines(before, after, { timeout: TIMEOUT_MS, stripTrailingCr: false });
  const changes = found ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  const rows: DiffRow[] = [];
  const count = { removed: 0, added: 0 };
  let beforeLine = 1;
  let afterLine = 1;
  changes.forEach((change, at) => {
    const lines = linesOf(change.value);
    const mark = change.added ? "added" : change.removed ? "removed" : "same";
    if (mark === "same") {
      rows.push(...around(lines, beforeLine, afterLine, at === 0, at === changes.length - 1));
    } else {
      count[mark] += lines.length;
      for (const [index, text] of lines.entries()) {
        rows.push({ mark, text, before: beforeLine + index, after: afterLine + index });
      }
    }
    if (mark !== "added") beforeLine += lines.length;
    if (mark !== "removed") afterLine += lines.length;
  });
  return { rows, ...count, coarse: found === undefined };
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function around(lines: readonly string[], before: number, after: number, first: boolean, last: boolean): DiffRow[] {
  const head = first ? 0 : CONTEXT_LINES;
  const tail = last ? 0 : CONTEXT_LINES;
  const same = (text: string, index: number): DiffRow => ({
    mark: "same",
    text,
    before: before + index,
    after: after + index,
  });
  if (lines.length <= head + tail + 1) return lines.map(same);
  const end = lines.length - tail;
  return [
    ...lines.slice(0, head).map(same),
    { mark: "skipped", count: end - head, before: before + head },
    ...lines.slice(end).map((text, index) => same(text, end + index)),
  ];
}
