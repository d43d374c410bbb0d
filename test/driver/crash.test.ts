import { expect, test } from "vitest";
import { MemoryStorage } from "../../src/journal/index.ts";
import { EVERYTHING, putOf, rangeOf } from "../rpc/support/ops.ts";
import { bytes, event, kvs } from "../rpc/support/show.ts";
import { WatchClient } from "../rpc/support/watch.ts";
import { fc } from "../support/property.ts";
import { type Opened, open, turns } from "./support/opened.ts";

const key = fc.constantFrom("a", "b", "c", "d");
const action = fc.oneof(
  { arbitrary: fc.record({ put: key, value: fc.constantFrom("1", "2", "3") }), weight: 6 },
  { arbitrary: fc.record({ delete: key }), weight: 2 },
  { arbitrary: fc.constant("read" as const), weight: 3 },
  { arbitrary: fc.constant("compact" as const), weight: 1 },
  { arbitrary: fc.constant("write" as const), weight: 5 },
  { arbitrary: fc.constant("turns" as const), weight: 4 },
);
type Change = { readonly put: string; readonly value: string } | { readonly delete: string };

/** What a crash leaves of a write under way: all of it, or nothing. */
const life = fc.record({ actions: fc.array(action, { maxLength: 25 }), lastWriteHappens: fc.boolean() });

/** What clients were told, to be held against what is there later. */
class Told {
  revision = 1;
  readonly reads: Array<{ revision: bigint; kvs: string[] }> = [];
  readonly events = new Map<bigint, string[]>();

  header(header: { readonly revision: bigint } | undefined): void {
    this.revision = Math.max(this.revision, Number(header?.revision ?? 0n));
  }
}

/** Starts a call, whose answer is told when it comes; a crash may overtake it. */
function change({ kv }: Opened, told: Told, one: Change): void {
  const call = "put" in one ? kv.put(putOf(one.put, one.value)) : kv.deleteRange({ key: bytes(one.delete) });
  call.then(
    ({ header }) => told.header(header),
    () => {},
  );
}

function read({ kv }: Opened, told: Told): void {
  kv.range(EVERYTHING).then(
    (response) => {
      told.header(response.header);
      told.reads.push({ revision: response.header?.revision ?? 0n, kvs: kvs(response) });
    },
    () => {},
  );
}

function watchAll(opened: Opened, told: Told): void {
  const watch = new WatchClient(opened);
  watch.create("\0", "\0");
  const follow = async (): Promise<void> => {
    for (;;) {
      const response = await watch.next();
      told.header(response.header);
      for (const message of response.events) {
        const revision = message.kv?.modRevision ?? 0n;
        told.events.set(revision, [...(told.events.get(revision) ?? []), event(message)]);
      }
    }
  };
  follow().catch(() => {});
}

/** Everything that clients were told still holds. */
async function expectKept(opened: Opened, told: Told): Promise<void> {
  const { kv, kept } = opened;
  const { store } = kept.etcd;
  expect(store.revision).toBeGreaterThanOrEqual(told.revision);
  for (const { revision, kvs: expected } of told.reads) {
    if (Number(revision) < store.compactRevision) continue;
    expect(kvs(await kv.range(rangeOf("\0", "\0", { revision })))).toEqual(expected);
  }
  const startRevision = BigInt(Math.max(1, store.compactRevision));
  const watch = new WatchClient(opened);
  watch.create("\0", "\0", { startRevision });
  await watch.next();
  const expected = [...told.events].filter(([revision]) => revision > startRevision).flatMap(([, events]) => events);
  const events: string[] = [];
  while (events.length < expected.length) {
    const response = await watch.next();
    events.push(...response.events.filter(({ kv }) => (kv?.modRevision ?? 0n) > startRevision).map(event));
  }
  expect(events).toEqual(expect.arrayContaining(expected));
  watch.close();
}

test("whatever clients were told before a crash holds after it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      const storage = new MemoryStorage();
      const told = new Told();
      for (const { actions, lastWriteHappens } of lives) {
        const opened = await open(storage);
        await expectKept(opened, told);
        watchAll(opened, told);
        opened.journal.hold();
        for (const one of actions) {
          if (one === "read") read(opened, told);
          else if (one === "write") opened.journal.letGo();
          else if (one === "turns") await turns();
          else if (one !== "compact") change(opened, told, one);
          else opened.kv.compact({ revision: BigInt(opened.kept.etcd.store.revision) }).catch(() => {});
        }
        const [underWay] = opened.journal.held;
        if (lastWriteHappens && underWay !== undefined) storage.apply(underWay.changes);
        opened.journal.fail(new Error("crash"));
        await opened.kept.close().catch(() => {});
        await turns();
      }
      await expectKept(await open(storage), told);
    }),
    { numRuns: 60 },
  );
});
