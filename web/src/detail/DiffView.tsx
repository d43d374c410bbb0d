import { useMemo } from "react";
import { sizeText } from "../store/bytes.ts";
import type { ByteDiff } from "./bytediff.ts";
import { differenceOf } from "./difference.ts";
import type { DiffRow, LineDiff } from "./linediff.ts";
import "./detail.css";

interface DiffViewProps {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** What is compared, for screen readers. */
  readonly label: string;
}

const MAX_ROWS = 2_000;
const MAX_LINE = 2_000;

/** How a value became another, line by line, or by its bytes where it is no text. */
export function DiffView({ before, after, label }: DiffViewProps) {
  const difference = useMemo(() => differenceOf(before, after), [before, after]);
  if (difference.kind === "none") return <p className="muted">The values are the same, byte for byte.</p>;
  return (
    <div className="detail-diff">
      <p className="detail-diff-summary">
        {difference.kind === "lines"
          ? linesSummary(difference.diff, difference.indented)
          : bytesSummary(difference.diff)}
        {` ${sizeText(before.length)} → ${sizeText(after.length)}`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <section className="detail-diff-rows" aria-label={label} tabIndex={0}>
        {difference.kind === "lines" ? <Lines diff={difference.diff} /> : <Bytes diff={difference.diff} />}
      </section>
    </div>
  );
}

function linesSummary({ removed, added, coarse }: LineDiff, indented: boolean): string {
  const notes = [`${removed} removed, ${added} added lines.`];
  if (indented) notes.push("Both are indented to be compared.");
  if (coarse) notes.push("They differ too much to be compared line by line.");
  return notes.join(" ");
}

function bytesSummary({ alikeBefore, alikeAfter }: ByteDiff): string {
  return `The first ${sizeText(alikeBefore)} and the last ${sizeText(alikeAfter)} are alike.`;
}

const SIGNS = { same: " ", removed: "−", added: "+" } as const;
const WORDS = { same: "", removed: "removed: ", added: "added: " } as const;

function Lines({ diff }: { readonly diff: LineDiff }) {
  const left = diff.rows.length - MAX_ROWS;
  return (
    <>
      {diff.rows.slice(0, MAX_ROWS).map((row) => (
        <Line key={`${row.mark}-${row.before}-${"after" in row ? row.after : ""}`} row={row} />
      ))}
      {left > 0 && <div className="detail-diff-skipped">{left} more rows</div>}
    </>
  );
}

function Line({ row }: { readonly row: DiffRow }) {
  if (row.mark === "skipped") {
    return <div className="detail-diff-skipped">{row.count === 1 ? "1 line" : `${row.count} lines`} alike</div>;
  }
  return (
    <div className={`detail-diff-row detail-diff-${row.mark}`}>
      <span className="detail-diff-number">{row.mark === "added" ? row.after : row.before}</span>
      <span className="detail-diff-sign" aria-hidden>
        {SIGNS[row.mark]}
      </span>
      <span className="detail-diff-text">
        {row.mark !== "same" && <span className="visually-hidden">{WORDS[row.mark]}</span>}
        {row.text.length > MAX_LINE
          ? `${row.text.slice(0, MAX_LINE)} … ${sizeText(row.text.length - MAX_LINE)} more`
          : row.text}
      </span>
    </div>
  );
}

function Bytes({ diff }: { readonly diff: ByteDiff }) {
  return (
    <>
      {diff.rows.map((row) => (
        <div key={`${row.mark}-${row.offset}`} className={`detail-diff-row detail-diff-${row.mark}`}>
          <span className="detail-diff-number">{row.offset}</span>
          <span className="detail-diff-sign" aria-hidden>
            {SIGNS[row.mark]}
          </span>
          <span className="detail-diff-bytes">
            <span className="visually-hidden">{WORDS[row.mark]}</span>
            {row.hex}
          </span>
          <span>{row.ascii}</span>
        </div>
      ))}
      {diff.leftOut > 0 && <div className="detail-diff-skipped">{diff.leftOut} more rows</div>}
    </>
  );
}
