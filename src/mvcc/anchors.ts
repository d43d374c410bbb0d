import type { KeyIndex } from "./keyindex.ts";
import type { KeyRange } from "./keyrange.ts";

/** Keys at even distances over a range, by which a list of it can be entered anywhere. */
export interface Anchors {
  /** Keys number 0, step, 2 × step … of the range. */
  readonly keys: readonly string[];
  readonly step: number;
  /** All keys of the range. */
  readonly count: number;
}

/**
 * Walks a range once.
 *
 * @param step doubled, by leaving out every other anchor, whenever there would be more than `maxAnchors`
 */
export function anchorsOf(
  index: KeyIndex,
  range: KeyRange,
  revision: number,
  step: number,
  maxAnchors: number,
): Anchors {
  let keys: string[] = [];
  let every = step;
  let count = 0;
  index.visit(
    range,
    (id) => {
      if (!index.exists(id, revision)) return true;
      if (count % every === 0) {
        if (keys.length === maxAnchors) {
          keys = keys.filter((_, at) => at % 2 === 0);
          every *= 2;
        }
        if (count % every === 0) keys.push(index.key(id));
      }
      count++;
      return true;
    },
    revision,
  );
  return { keys, step: every, count };
}
