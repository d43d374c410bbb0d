/** Changes as pieces of memory: what went in comes out, each array alone in its buffer. */
import { expect, test } from "vitest";
import { BUCKETS, type Change, ChangeBatch, changesIn } from "../../src/journal/index.ts";
import { fc } from "../support/property.ts";

const SIZES = fc.oneof(
  { weight: 20, arbitrary: fc.nat(40) },
  { weight: 2, arbitrary: fc.nat(5_000) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
);

function bytesOf(size: number): Uint8Array {
  return new Uint8Array(size).fill(size);
}

/** As text, which is compared faster than arrays are. */
function shown({ bucket, key, value }: Change): string {
  const [keyText, valueText] = [key, value].map((bytes) => bytes && Buffer.from(bytes).toString("hex"));
  return `${bucket} ${keyText} ${valueText ?? "deleted"}`;
}

const CHANGE = fc.record({
  bucket: fc.constantFrom(...BUCKETS),
  key: fc.nat(40).map(bytesOf),
  value: fc.option(SIZES.map(bytesOf), { nil: undefined }),
});

test("changes come out as they went in, whatever their sizes", () => {
  fc.assert(
    fc.property(fc.array(CHANGE), fc.nat(300_000), (changes, expectedBytes) => {
      const batch = new ChangeBatch(expectedBytes);
      for (const { bucket, key, value } of changes) batch.add(bucket, key, value);
      expect(batch.length).toBe(changes.length);
      const expected = changes.map(shown);
      expect([...batch].map(shown)).toEqual(expected);
      expect([...changesIn(batch.parts)].map(shown)).toEqual(expected);
    }),
  );
});

test("an array that is handed out is alone in its buffer, and a part is alone in its own", () => {
  const changes: Change[] = [10, 100_000, 0, 30_000, 30_000].map((size) => {
    return { bucket: "key", key: bytesOf(17), value: bytesOf(size) };
  });
  const batch = ChangeBatch.of(changes);
  for (const { key, value } of batch) {
    expect(key.buffer.byteLength).toBe(17);
    expect(value?.buffer.byteLength).toBe(value?.length);
  }
  const buffers = batch.parts.map(({ buffer }) => buffer);
  expect(new Set(buffers).size).toBe(buffers.length);
  expect(buffers.length).toBeGreaterThan(1);
});

test("what is written to a place that was reserved is a change as any other", () => {
  const batch = new ChangeBatch();
  batch.add("meta", Uint8Array.of(1), undefined);
  batch.target.set([7, 8, 9], batch.reserve("lease", 1, 2));
  expect([...batch]).toEqual([
    { bucket: "meta", key: Uint8Array.of(1), value: undefined },
    { bucket: "lease", key: Uint8Array.of(7), value: Uint8Array.of(8, 9) },
  ]);
});
