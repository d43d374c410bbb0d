import { CommandError, EXIT } from "./errors.ts";
import { type GoString, unquote } from "./gostring.ts";

const WORDS = /"(?:[^"\\]|\\[^\n])*"|'[^']*'|[^'"\t\n\f\r ][^\t\n\f\r ]*[^'"\t\n\f\r ]?/g;

/** The words of a line as etcdctl reads it from its input: no shell's rules, but `'…'` and Go's `"…"`. */
export function argify(line: GoString): GoString[] {
  return (line.match(WORDS) ?? []).map((word) => {
    if (word.startsWith("'")) return word.slice(1, -1);
    if (!word.startsWith('"')) return word;
    const unquoted = unquote(word);
    if (unquoted === undefined) throw new CommandError("invalid syntax", EXIT.invalidInput);
    return unquoted;
  });
}
