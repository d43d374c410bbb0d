import { expect, test } from "vitest";
import { Store, WatchHub } from "../../src/mvcc/index.ts";
import { drain, drainEvents, watchRequest, write } from "./support/requests.ts";

function newHub() {
  const store = new Store();
  const hub = new WatchHub(store);
  const wakes = { count: 0 };
  const stream = hub.newStream(() => wakes.count++);
  return { store, hub, stream, wakes };
}

test("WA2: replies wait in order of the requests, before all events", () => {
  const { store, stream } = newHub();
  write(store, "a=1");
  stream.create(watchRequest("a", "", { startRevision: 1 }));
  stream.create(watchRequest("b"));
  stream.cancel(1n);
  stream.create(watchRequest("b", "a"));
  expect(stream.unreadReplies).toBe(4);
  const shown = drain(stream).map(({ watchId, created, canceled, events }) => [
    watchId,
    created,
    canceled,
    events.length,
  ]);
  expect(shown).toEqual([
    [0n, true, false, 0],
    [1n, true, false, 0],
    [1n, false, true, 0],
    [-1n, true, true, 0],
    [0n, false, false, 1],
  ]);
});

test("WA8: a commit wakes a stream once, however many follow before it is read", () => {
  const { store, stream, wakes } = newHub();
  stream.create(watchRequest("a", "z"));
  drain(stream);
  const before = wakes.count;
  for (let at = 0; at < 1000; at++) write(store, "a=1");
  expect(wakes.count).toBe(before + 1);
  expect(drainEvents(stream).length).toBe(1000);
  write(store, "a=2");
  expect(wakes.count).toBe(before + 2);
});

test("WA8: a commit on keys that nobody watches wakes nobody", () => {
  const { store, stream, wakes } = newHub();
  stream.create(watchRequest("b"));
  stream.create(watchRequest("c", "d"));
  drain(stream);
  const before = wakes.count;
  write(store, "a=1", "bb=1", "d=1", "-x..z");
  expect([wakes.count, stream.hasMore]).toEqual([before, false]);
});

test("WA8: watches of one stream take turns, so that a long history does not hold up a short one", () => {
  const { store, stream } = newHub();
  for (let at = 0; at < 3000; at++) write(store, "a=1");
  write(store, "b=1");
  stream.create(watchRequest("a", "", { startRevision: 1 }));
  stream.create(watchRequest("b", "", { startRevision: 1 }));
  const turns = drain(stream).filter(({ events }) => events.length > 0);
  expect(turns.map(({ watchId, events }) => [watchId, events.length])).toEqual([
    [0n, 1000],
    [1n, 1],
    [0n, 1000],
    [0n, 1000],
  ]);
});

test("WA8: a long search through history goes on over several pulls and finds everything", () => {
  const { store, stream } = newHub();
  write(store, "b=first");
  for (let at = 0; at < 25_000; at++) write(store, "a=1");
  write(store, "b=last");
  stream.create(watchRequest("b", "c", { startRevision: 1 }));
  const pulls: string[] = [];
  while (stream.hasMore) {
    const response = stream.pull();
    pulls.push(response === undefined ? "nothing yet" : response.created ? "created" : String(response.events.length));
  }
  expect(pulls).toEqual(["created", "1", "nothing yet", "1"]);
});

test("WA8: a watch of one key looks at that key's history alone", () => {
  const { store, stream } = newHub();
  write(store, "b=first");
  for (let at = 0; at < 25_000; at++) write(store, "a=1");
  write(store, "b=last");
  stream.create(watchRequest("b", "", { startRevision: 1 }));
  expect(drain(stream).map(({ events }) => events.length)).toEqual([0, 2]);
});

test("WA5: a revision larger than every bound of a response still comes whole", () => {
  const { store, stream } = newHub();
  stream.create(watchRequest("", "\0"));
  drain(stream);
  write(store, ...Array.from({ length: 15_000 }, (_, at) => `k${at}=${"x".repeat(100)}`));
  write(store, "next=1");
  expect(drain(stream).map(({ events }) => events.length)).toEqual([15_000, 1]);
});

test("WA5: watches of a key, of ranges and of everything each see what is theirs", () => {
  const { store, hub } = newHub();
  const streams = [
    ["b", ""],
    ["a", "c"],
    ["b", "\0"],
    ["x", "z"],
  ].map(([key = "", rangeEnd = ""]) => {
    const stream = hub.newStream(() => undefined);
    stream.create(watchRequest(key, rangeEnd));
    return stream;
  });
  write(store, "a=1", "b=1", "c=1");
  write(store, "-b");
  expect(streams.map(drainEvents)).toEqual([
    ["b=1@2", "-b@3"],
    ["a=1@2", "b=1@2", "-b@3"],
    ["b=1@2", "c=1@2", "-b@3"],
    [],
  ]);
});

test("WA7: progress waits for the watches that are behind its revision, not for later events", () => {
  const { store, stream } = newHub();
  stream.create(watchRequest("a"));
  drain(stream);
  write(store, "a=1");
  stream.requestProgress();
  write(store, "a=2");
  const kinds = drain(stream).map(({ watchId, revision, events }) => [watchId, revision, events.length]);
  expect(kinds).toEqual([
    [0n, 3, 2],
    [-1n, 2, 0],
  ]);
});

test("WA4: canceled by compaction, a watch is out of the index at once and its stream goes on", () => {
  const { store, hub, stream } = newHub();
  stream.create(watchRequest("a"));
  stream.create(watchRequest("b"));
  drain(stream);
  write(store, "a=1");
  write(store, "c=1");
  store.compact(3);
  const [canceled] = drain(stream);
  expect([canceled?.watchId, canceled?.canceled, canceled?.compactRevision]).toEqual([0n, true, 3]);
  expect([hub.watchers, stream.size]).toEqual([1, 2]);
  write(store, "a=2", "b=2");
  expect(drainEvents(stream)).toEqual(["b=2@4"]);
  stream.cancel(0n);
  expect([hub.watchers, stream.size, drain(stream).length]).toEqual([1, 1, 1]);
});

test("WA2: after close a stream has nothing and its watches are gone", () => {
  const { store, hub, stream, wakes } = newHub();
  stream.create(watchRequest("a", "", { progressNotify: true }));
  stream.create(watchRequest("a", "z"));
  write(store, "a=1");
  stream.requestProgress();
  stream.close();
  const before = wakes.count;
  write(store, "a=2");
  expect([hub.watchers, stream.size, stream.hasMore, stream.pull(), wakes.count]).toEqual([
    0,
    0,
    false,
    undefined,
    before,
  ]);
});

function newHoldingHub() {
  const store = new Store();
  write(store, "a=0");
  const hub = new WatchHub(store, true);
  const wakes = { count: 0 };
  const stream = hub.newStream(() => wakes.count++);
  return { store, hub, stream, wakes };
}

test("what is to be confirmed is not known before: no event, no revision, nobody woken", () => {
  const { store, hub, stream, wakes } = newHoldingHub();
  stream.create(watchRequest("a"));
  stream.create(watchRequest("a", "", { startRevision: 2 }));
  write(store, "a=1");
  write(store, "a=2");
  stream.create(watchRequest("a", "", { startRevision: 3 }));
  stream.requestProgress();
  const seen = drain(stream);
  expect(seen.map(({ revision, events }) => [revision, events.length])).toEqual([
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 1],
  ]);
  const before = wakes.count;
  write(store, "a=3");
  expect([wakes.count, stream.hasMore]).toEqual([before, false]);
  hub.confirm(4);
  expect(wakes.count).toBe(before + 3);
  expect(drain(stream).map(({ watchId, revision, events }) => [watchId, revision, events.length])).toEqual([
    [0n, 4, 2],
    [1n, 4, 2],
    [2n, 4, 2],
  ]);
  hub.confirm(5);
  expect(drain(stream).map(({ revision, events }) => [revision, events.length])).toEqual([
    [5, 1],
    [5, 1],
    [5, 1],
  ]);
});

test("a stream is over when what was committed before the stop has been confirmed and read", () => {
  const { store, hub, stream } = newHoldingHub();
  stream.create(watchRequest("a"));
  drain(stream);
  write(store, "a=1");
  hub.stop();
  expect([stream.isOver, stream.hasMore]).toEqual([false, false]);
  hub.confirm(3);
  expect(stream.isOver).toBe(false);
  expect(drainEvents(stream).length).toBe(1);
  expect(stream.isOver).toBe(true);
});
