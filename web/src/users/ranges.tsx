import { type KeyRange, kindOfRange, type RangeKind } from "../console/language/ranges.ts";
import { toDisplay } from "../store/bytes.ts";
import { Badge, KeyText } from "../ui/index.ts";

export const KIND_LABELS: Record<RangeKind, string> = {
  single: "One key",
  prefix: "Prefix",
  range: "Range",
  from: "From a key on",
  all: "All keys",
};

/** Which keys a range has: what kind of range it is, and where it begins and ends. */
export function RangeText({ range }: { readonly range: KeyRange }) {
  const kind = kindOfRange(range);
  return (
    <span className="users-range">
      <Badge>{KIND_LABELS[kind]}</Badge>
      {kind !== "all" && (
        <span className="users-range-keys">
          <KeyText bytes={range.key} wraps />
          {kind === "range" && (
            <>
              {" "}
              <span className="muted">up to, without</span> <KeyText bytes={range.rangeEnd} wraps />
            </>
          )}
        </span>
      )}
    </span>
  );
}

/** The same in a line of text, for names and lists. */
export function rangeWords(range: KeyRange): string {
  const kind = kindOfRange(range);
  const key = toDisplay(range.key);
  switch (kind) {
    case "single":
      return `the key ${key}`;
    case "prefix":
      return `the prefix ${key}`;
    case "range":
      return `the range ${key} to ${toDisplay(range.rangeEnd)}`;
    case "from":
      return `the keys from ${key} on`;
    case "all":
      return "all keys";
  }
}
