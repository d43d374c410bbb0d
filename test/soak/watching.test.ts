/** What the soak run holds watches against: it must notice each way in which a watch can be wrong. */
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { WatchResponseSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { type Event, EventSchema } from "../../src/gen/mvccpb/kv_pb.ts";
import { bytes } from "../crash/clients.ts";
import { Faults } from "./faults.ts";
import { History } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { Watch } from "./watching.ts";

const SPEC = { group: "g", key: "g/a", rangeEnd: "g/c", filters: [], prevKv: false, progressNotify: false };

function put(key: string, revision: number, version = 1n, created = revision): Event {
  const kv = { key: bytes(key), modRevision: BigInt(revision), createRevision: BigInt(created), version };
  return create(EventSchema, { kv });
}

const A2 = put("g/a", 2);
const B3 = put("g/b", 3);
const OUTSIDE4 = put("g/x", 4);
const A5 = put("g/a", 5, 2n, 2);
const ALL = [A2, B3, OUTSIDE4, A5];

/** The kinds of faults that are found where a watch from revision 2 gets these messages. */
function faultsOf(messages: readonly { readonly events: readonly Event[]; readonly through?: number }[]): string[] {
  const faults = new Faults(() => {});
  const history = new History(faults, new Ledger(faults));
  history.add(ALL);
  const watch = new Watch(1n, SPEC, 2);
  for (const { events, through = 0 } of messages) {
    watch.receive(create(WatchResponseSchema, { header: { revision: BigInt(through) }, events: [...events] }), faults);
  }
  watch.check(history, faults);
  return faults.summary();
}

test("a watch that gets what happened, in whatever messages, is right", () => {
  expect(faultsOf([{ events: [A2, B3, A5] }])).toEqual([]);
  expect(faultsOf([{ events: [A2] }, { events: [], through: 2 }, { events: [B3, A5] }])).toEqual([]);
});

test.each([
  ["a gap", [{ events: [A2] }, { events: [A5] }]],
  ["a gap within a message", [{ events: [A2, A5] }]],
  [
    "an end said to be reached that is not",
    [
      { events: [A2], through: 2 },
      { events: [], through: 5 },
    ],
  ],
  ["another content", [{ events: [put("g/a", 2, 9n), B3, A5] }]],
  ["what is outside its range", [{ events: [A2, B3, OUTSIDE4, A5] }]],
  ["an event twice", [{ events: [A2, B3] }, { events: [B3, A5] }]],
  ["another order", [{ events: [B3] }, { events: [A2] }, { events: [A5] }]],
])("%s is noticed", (_, messages) => {
  expect(faultsOf(messages)).not.toEqual([]);
});

test.each([
  ["a revision that is missing", [A2, OUTSIDE4]],
  ["a version that is missing", [A2, put("g/a", 3, 3n, 2)]],
  ["a key made anew that was there", [A2, put("g/a", 3, 1n, 3)]],
  ["a delete of what was not there", [create(EventSchema, { type: 1, kv: { key: bytes("g/a"), modRevision: 2n } })]],
])("in history, %s is noticed", (_, events) => {
  const faults = new Faults(() => {});
  new History(faults, new Ledger(faults)).add(events);
  expect(faults.count).toBe(1);
});
