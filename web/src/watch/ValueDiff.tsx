import { type ChangeObject, diffLines, diffWordsWithSpace } from "diff";
import { useMemo } from "react";
import { sizeText, textOf } from "../store/bytes.ts";

const MAX_COMPARED_BYTES = 128 * 1024;

interface ValueDiffProps {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Two values, and what the second changed: by lines, or by words where there is but one line. */
export default function ValueDiff({ before, after }: ValueDiffProps) {
  const changes = useMemo(() => compare(before, after), [before, after]);
  if (typeof changes === "string") return <p className="muted">{changes}</p>;
  return (
    <pre className="watch-diff">
      {changes.map((change, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other identity
        <Change key={at} change={change} />
      ))}
    </pre>
  );
}

function Change({ change }: { readonly change: ChangeObject<string> }) {
  if (change.added) return <ins>{change.value}</ins>;
  return change.removed ? <del>{change.value}</del> : change.value;
}

function compare(before: Uint8Array, after: Uint8Array): ChangeObject<string>[] | string {
  if (before.length === 0 && after.length === 0) return "Both values are empty.";
  const [old, next] = [textOf(before), textOf(after)];
  const sizes = `${sizeText(before.length)} before, ${sizeText(after.length)} after`;
  if (old === undefined || next === undefined) return `Not text: ${sizes}.`;
  if (before.length + after.length > MAX_COMPARED_BYTES) return `Too large to compare here: ${sizes}.`;
  if (old === next) return "The value is the same as before.";
  const [oldLines, nextLines] = [formatted(old), formatted(next)];
  return oldLines.includes("\n") || nextLines.includes("\n")
    ? diffLines(oldLines, nextLines)
    : diffWordsWithSpace(old, next);
}

/** JSON is compared by its lines, however it was written. */
function formatted(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
