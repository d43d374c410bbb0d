import { expect, test } from "vitest";
import { bytesFromKey } from "../../src/mvcc/bytes.ts";
import { DEFAULT_SEED, KeyProbe } from "../../src/mvcc/keyprobe.ts";
import { KeyTable } from "../../src/mvcc/keytable.ts";
import { fc } from "../support/property.ts";

/** Hashes that have only some of their bits. */
class PoorProbe extends KeyProbe {
  readonly #mask: number;

  constructor(mask: number) {
    super(DEFAULT_SEED);
    this.#mask = mask;
  }

  override take(key: string): void {
    super.take(key);
    this.hash &= this.#mask;
  }
}

/** A table beside the map it should be. */
class Twin {
  readonly map = new Map<string, number>();
  readonly table: KeyTable;
  readonly #keys: string[] = [];
  readonly #free: number[] = [];

  constructor(mask = -1) {
    this.table = new KeyTable(new PoorProbe(mask), {
      isKey: (id, { bytes, length }) => {
        return Buffer.from(bytesFromKey(this.#keys[id] as string)).equals(bytes.subarray(0, length));
      },
    });
  }

  toggle(key: string): void {
    const id = this.map.get(key);
    if (id !== undefined) {
      this.table.delete(key, id);
      this.map.delete(key);
      this.#free.push(id);
    } else {
      const own = this.#free.pop() ?? this.#keys.length;
      this.#keys[own] = key;
      this.table.add(key, own);
      this.map.set(key, own);
    }
  }

  check(keys: Iterable<string>): void {
    expect(this.table.size).toBe(this.map.size);
    for (const key of keys) if (this.table.find(key) !== (this.map.get(key) ?? -1)) expect.fail(`${key} is another's`);
  }
}

const numbered = Array.from({ length: 40_000 }, (_, at) => `/registry/pods/${at}`);

test("a table grows to many shards and shrinks again, and knows all the time what is there", () => {
  const twin = new Twin();
  const { bytes } = twin.table;
  for (const key of numbered) twin.toggle(key);
  twin.check(numbered);
  expect(twin.table.bytes).toBeLessThan(numbered.length * 24);
  for (const key of numbered.slice(0, 30_000)) twin.toggle(key);
  twin.check(numbered);
  for (const key of numbered.slice(30_000)) twin.toggle(key);
  twin.check(numbered);
  expect(twin.table.bytes).toBeLessThan(64 * bytes);
});

test("one step never moves more than a shard: each adds at most so much memory", () => {
  const twin = new Twin();
  let longest = 0;
  for (const key of numbered) {
    const { bytes } = twin.table;
    twin.toggle(key);
    longest = Math.max(longest, twin.table.bytes - bytes);
  }
  expect(longest).toBeLessThanOrEqual(32 * 1024);
});

test("keys that all have one hash, or hashes of a few bits, upper or lower, are told apart", () => {
  for (const mask of [0, 1, 0b111 << 29, 0xff, 1 << 31]) {
    const twin = new Twin(mask);
    const keys = numbered.slice(0, 300);
    for (const key of keys) twin.toggle(key);
    twin.check(keys);
    for (const [at, key] of keys.entries()) if (at % 3 > 0) twin.toggle(key);
    twin.check(keys);
    for (const [at, key] of keys.entries()) if (at % 3 > 1) twin.toggle(key);
    twin.check(keys);
  }
});

test("more keys of one hash than a shard may have do not have it split without end", () => {
  const twin = new Twin(0);
  for (const key of numbered.slice(0, 6000)) twin.table.add(key, twin.table.size);
  expect(twin.table.size).toBe(6000);
  expect(twin.table.bytes).toBeLessThan(2 ** 21);
});

test("a table is as a map, whatever comes and goes", () => {
  const key = fc.string({ maxLength: 5, unit: fc.constantFrom("a", "b", "\0", "\xff") });
  fc.assert(
    fc.property(fc.constantFrom(-1, 3, 0), fc.array(key, { maxLength: 300, size: "max" }), (mask, toggled) => {
      const twin = new Twin(mask);
      for (const one of toggled) {
        twin.toggle(one);
        twin.check([one]);
      }
      twin.check(toggled);
    }),
    { numRuns: 200 },
  );
});
