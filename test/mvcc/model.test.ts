import { expect, test } from "vitest";
import { crc32c } from "../../src/mvcc/crc32c.ts";
import { type Entry, type KeyRange, Store, WatchHub } from "../../src/mvcc/index.ts";
import { fc } from "../support/property.ts";
import { apply, history, range, step } from "./support/arbitrary.ts";
import { plainEntry } from "./support/entry.ts";
import { databaseRecord, inRange, Model } from "./support/model.ts";
import { drain, rangeRequest, watchRequest } from "./support/requests.ts";

function run(steps: Parameters<typeof apply>[0][]): { store: Store; model: Model } {
  const store = new Store();
  const model = new Model();
  for (const one of steps) apply(one, store, model);
  return { store, model };
}

/** Plain values, so that entries of the two compare. */
function plain(entries: readonly Entry[]) {
  return entries.map((entry) => ({ ...plainEntry(entry), value: [...entry.value] }));
}

test("KV5, CO2: every kept revision reads as the model's copy of it, every other one is refused", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { store, model } = run(steps);
      expect([store.revision, store.compactRevision]).toEqual([model.revision, model.compactRevision]);
      for (let revision = 1; revision <= model.revision; revision++) {
        const request = rangeRequest("", "\0", { revision });
        if (revision < model.compactRevision) expect(() => store.range(request)).toThrow("compacted");
        else expect(plain(store.range(request).entries)).toEqual(plain(model.range(request).entries));
      }
      expect(() => store.range(rangeRequest("", "\0", { revision: model.revision + 1 }))).toThrow("future");
    }),
    { numRuns: 150 },
  );
});

const bound = fc.oneof(fc.constant(0), fc.nat(20));
const rangeFields = fc.record({
  limit: fc.integer({ min: -1, max: 6 }),
  sortOrder: fc.nat(2),
  sortTarget: fc.nat(4),
  countOnly: fc.boolean(),
  minModRevision: bound,
  maxModRevision: bound,
  minCreateRevision: bound,
  maxCreateRevision: bound,
});

test("KV4, KV7, KV8, KV10: ranges, limits, filters, orders and counts are the model's", () => {
  const reads = fc.array(fc.tuple(range, rangeFields, fc.nat(100)), { minLength: 5, maxLength: 15 });
  fc.assert(
    fc.property(history, reads, (steps, requests) => {
      const { store, model } = run(steps);
      for (const [keys, fields, percent] of requests) {
        const from = Math.max(0, model.compactRevision);
        const revision = from + Math.floor(((model.revision - from) * percent) / 100);
        const request = rangeRequest(keys.key, keys.rangeEnd, { ...fields, revision });
        const { entries, count, more, revision: current } = store.range(request);
        const expected = model.range(request);
        expect({ entries: plain(entries), count, more }).toEqual({ ...expected, entries: plain(expected.entries) });
        expect(current).toBe(model.revision);
        expect(store.count(keys, revision)).toBe(expected.count);
      }
    }),
    { numRuns: 300 },
  );
});

test("CO2: what is kept is the model's, and so are the bytes of it", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { store, model } = run(steps);
      const kept: Entry[] = [];
      store.log.ascend(0, (at) => kept.push(at.entry()) > 0);
      expect(plain(kept)).toEqual(plain(model.kept()));
      expect(store.bytes).toBe(kept.reduce((bytes, entry) => bytes + databaseRecord(entry).length, 0));
    }),
    { numRuns: 150 },
  );
});

/** HashKV by its definition, over the model's records. */
function hashOf(model: Model, revision: number): number {
  let crc = crc32c(0, new TextEncoder().encode("key"));
  const kept = model.kept().filter((entry) => entry.modRevision <= revision);
  const survivors = new Set(kept.filter((entry) => !entry.tombstone && model.survives(entry, revision)));
  for (const entry of kept) {
    const old = entry.modRevision <= model.compactRevision;
    if (old && survivors.size > 0 && !survivors.has(entry)) continue;
    if (entry.tombstone && entry.modRevision === model.compactRevision) continue;
    crc = crc32c(crc, databaseRecord(entry));
  }
  return crc;
}

test("MA4: the hash at every revision past the compacted one is that of the model's records", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { store, model } = run(steps);
      for (let revision = Math.max(1, model.compactRevision + 1); revision <= model.revision; revision++) {
        const { hash, compactRevision, revision: upTo } = store.hash(revision);
        expect([hash, compactRevision, upTo]).toEqual([hashOf(model, revision), model.compactRevision, revision]);
      }
    }),
    { numRuns: 100 },
  );
});

const watchFields = fc.record({ noPut: fc.boolean(), noDelete: fc.boolean(), prevKv: fc.boolean() });

test("WA5, WA6: a watch from any kept revision is the model's events from there on", () => {
  const watches = fc.array(fc.tuple(range, watchFields, fc.nat(100)), { minLength: 5, maxLength: 10 });
  fc.assert(
    fc.property(history, watches, (steps, requests) => {
      const { store, model } = run(steps);
      const hub = new WatchHub(store);
      for (const [keys, fields, percent] of requests.filter(([keys]) => isWatchable(keys))) {
        const from = Math.max(1, model.compactRevision);
        const startRevision = from + Math.floor(((model.revision - from) * percent) / 100);
        const stream = hub.newStream(() => undefined);
        stream.create(watchRequest(keys.key, keys.rangeEnd, { ...fields, startRevision }));
        const events = drain(stream).flatMap((response) => response.events);
        const expected = model
          .kept()
          .filter((entry) => entry.modRevision >= startRevision && inRange(keys, entry.key))
          .filter((entry) => !(entry.tombstone ? fields.noDelete : fields.noPut));
        expect(plain(events.map(({ entry }) => entry))).toEqual(plain(expected));
        const before = expected.map((entry) => (fields.prevKv ? previous(model, entry) : undefined));
        expect(events.map(({ prevKv }) => prevKv?.modRevision)).toEqual(before.map((entry) => entry?.modRevision));
      }
    }),
    { numRuns: 200 },
  );
});

function isWatchable({ key, rangeEnd }: KeyRange): boolean {
  return rangeEnd === "" || rangeEnd === "\0" || key < rangeEnd;
}

function previous(model: Model, entry: Entry): Entry | undefined {
  const created = !entry.tombstone && entry.createRevision === entry.modRevision;
  const before = entry.modRevision - 1;
  return created || before < model.compactRevision ? undefined : model.at(before).get(entry.key);
}

/** What may happen around live watches; `drain` reads everything there is. */
const liveStep = fc.oneof(
  { arbitrary: step, weight: 8 },
  { arbitrary: fc.constant("drain" as const), weight: 3 },
  { arbitrary: fc.record({ watch: range, back: fc.nat(5) }), weight: 2 },
);

interface NaiveWatcher {
  readonly keys: KeyRange;
  /** First revision not yet delivered. */
  next: number;
  /** Whether it starts in the past, so that it is read though nothing has happened since. */
  behind: boolean;
}

/** What a drain must give: a line an event, or that the watch was canceled. */
function expectedOf(model: Model, everything: readonly Entry[], id: bigint, watcher: NaiveWatcher): string[] {
  const waiting = everything.filter((entry) => entry.modRevision >= watcher.next && inRange(watcher.keys, entry.key));
  const first = watcher.behind ? watcher.next : (waiting[0]?.modRevision ?? model.revision + 1);
  if (first < model.compactRevision) return [`${id} canceled at ${model.compactRevision}`];
  const kept = model.kept().filter((entry) => entry.modRevision >= first && inRange(watcher.keys, entry.key));
  return kept.map((entry) => `${id} ${entry.key}@${entry.modRevision}.${entry.subRevision}`);
}

test("WA5, WA8: live watches, read now and then, see every event once and in order, or are canceled", () => {
  fc.assert(
    fc.property(fc.array(liveStep, { maxLength: 60, size: "max" }), (steps) => {
      const store = new Store();
      const model = new Model();
      const everything: Entry[] = [];
      store.onCommit((_, changes) => everything.push(...changes));
      const hub = new WatchHub(store);
      const stream = hub.newStream(() => undefined);
      const watchers = new Map<bigint, NaiveWatcher>();
      const readAll = (): void => {
        const expected: string[] = [];
        for (const [id, watcher] of watchers) {
          const lines = expectedOf(model, everything, id, watcher);
          expected.push(...lines);
          if (lines[0]?.includes("canceled")) watchers.delete(id);
          else Object.assign(watcher, { next: Math.max(watcher.next, model.revision + 1), behind: false });
        }
        const found: string[] = [];
        for (const { watchId, canceled, compactRevision, events } of drain(stream)) {
          if (canceled) found.push(`${watchId} canceled at ${compactRevision}`);
          found.push(...events.map(({ entry }) => `${watchId} ${entry.key}@${entry.modRevision}.${entry.subRevision}`));
        }
        expect(found.toSorted(byWatch)).toEqual(expected.toSorted(byWatch));
        expect(hub.watchers).toBe(watchers.size);
      };
      let nextId = 0n;
      for (const one of [...steps, "drain" as const]) {
        if (one === "drain") readAll();
        else if (!("watch" in one)) apply(one, store, model);
        else if (isWatchable(one.watch)) {
          const startRevision = one.back === 0 ? 0 : Math.max(1, model.revision + 3 - one.back);
          stream.create(watchRequest(one.watch.key, one.watch.rangeEnd, { startRevision }));
          const next = startRevision === 0 ? model.revision + 1 : startRevision;
          watchers.set(nextId++, { keys: one.watch, next, behind: next <= model.revision });
        }
      }
    }),
    { numRuns: 600 },
  );
});

/** By watch only, and stable: the order within one watch is part of what is compared. */
function byWatch(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10);
}
