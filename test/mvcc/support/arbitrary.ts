/** Random histories over few keys, so that they meet: writes of some ops each, and compactions in between. */
import type { KeyRange, Store } from "../../../src/mvcc/index.ts";
import { fc } from "../../support/property.ts";
import type { Model, ModelOp } from "./model.ts";

const KEYS = ["\0", "a", "ab", "b", "c", "c\0", "\xff"];

export const key = fc.constantFrom(...KEYS);
/** Each of the three forms of a range, empty ones among them. */
export const range: fc.Arbitrary<KeyRange> = fc.record({ key, rangeEnd: fc.constantFrom("", "\0", ...KEYS) });

const put = fc.record({
  put: key,
  value: fc.uint8Array({ maxLength: 2 }),
  lease: fc.constantFrom(0n, 0n, 7n, -7n),
});

const ops: fc.Arbitrary<ModelOp[]> = fc.array(
  fc.oneof({ arbitrary: put, weight: 3 }, { arbitrary: fc.record({ delete: range }), weight: 1 }),
  { minLength: 1, maxLength: 4 },
);

/** `compact` is how far between the last compacted revision and the current one, in hundredths. */
export type Step = { readonly ops: readonly ModelOp[] } | { readonly compact: number };

export const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ ops }), weight: 8 },
  { arbitrary: fc.record({ compact: fc.integer({ min: 1, max: 100 }) }), weight: 1 },
);

export const history = fc.array(step, { maxLength: 40, size: "max" });

/** Does the same to both. */
export function apply(step: Step, store: Store, model: Model): void {
  if ("ops" in step) {
    const txn = store.write();
    for (const op of step.ops) {
      if ("put" in op) txn.put(op.put, op.value, op.lease);
      else txn.deleteRange(op.delete);
    }
    txn.commit();
    model.write(step.ops);
    return;
  }
  const from = Math.max(0, model.compactRevision);
  const revision = from + Math.ceil(((model.revision - from) * step.compact) / 100);
  if (revision <= model.compactRevision) return;
  store.compact(revision);
  model.compactRevision = revision;
}
