import type { RequestEntry } from "../store/requestlog.ts";
import type { RowSource } from "../ui/followingscroll.ts";

export interface RequestFilter {
  /** Somewhere in the method or the error, in either case. */
  readonly text: string;
  /** Whether the page's own calls are shown too. */
  readonly background: boolean;
}

export function filtered(entries: readonly RequestEntry[], filter: RequestFilter): readonly RequestEntry[] {
  const text = filter.text.toLowerCase();
  return entries.filter(
    ({ method, error, isBackground }) =>
      (filter.background || !isBackground) &&
      (method.toLowerCase().includes(text) || error?.message.toLowerCase().includes(text) === true),
  );
}

/** Calls as rows of a list that follows its foot. */
export function rowsOf(
  entries: readonly RequestEntry[],
): RowSource<{ readonly sequence: number; readonly entry: RequestEntry }> {
  return {
    length: entries.length,
    at(index) {
      const entry = entries[index];
      return entry === undefined ? undefined : { sequence: entry.id, entry };
    },
    indexOf(sequence) {
      const index = entries.findIndex(({ id }) => id >= sequence);
      return index < 0 ? entries.length : index;
    },
  };
}
