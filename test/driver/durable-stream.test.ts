/** Messages of a stream wait for the write that they may tell of: many together for one, and none once writes fail. */
import { createHandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { GroupCommit } from "../../src/driver/groupcommit.ts";
import { durableServices } from "../../src/driver/services.ts";
import { Watch } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { ChangeBatch, MemoryStorage } from "../../src/journal/index.ts";
import { type ReadyIterator, readinessOf, type ServiceBinding } from "../../src/rpc/index.ts";
import { HeldJournal } from "./support/held.ts";
import { turns } from "./support/opened.ts";

/** A stream of numbers, of which it has as many as it is given. */
class Numbers implements ReadyIterator<number> {
  readonly #waiting: number[] = [];
  #wake = (): void => {};
  pulled = 0;
  pulling = (): void => {};

  give(...numbers: number[]): void {
    this.#waiting.push(...numbers);
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): number | undefined {
    const value = this.#waiting.shift();
    if (value === undefined) return undefined;
    this.pulled++;
    this.pulling();
    return value;
  }

  whenReady(callback: () => void): boolean {
    this.#wake = callback;
    return true;
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    for (;;) {
      const value = this.ready();
      if (value !== undefined) return { done: false, value };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function opened() {
  const journal = new HeldJournal(new MemoryStorage());
  const written = (): void => {};
  const commit = new GroupCommit(
    journal,
    { hasChanges: false, take: () => ({ changes: new ChangeBatch(), written }) },
    () => {},
  );
  const numbers = new Numbers();
  const binding = { service: Watch, impl: { watch: () => numbers } } as unknown as ServiceBinding;
  const [durable] = durableServices([binding], commit);
  const impl = durable?.impl as unknown as { watch(...args: unknown[]): AsyncIterable<number> };
  const context = createHandlerContext({
    ...{ service: Watch, method: Watch.method.watch, protocolName: "grpc" },
    ...{ requestMethod: "POST", url: "http://in-process/" },
  });
  const stream = impl.watch([], context)[Symbol.asyncIterator]();
  return { journal, commit, numbers, stream, ...readinessIn(stream) };
}

function readinessIn(stream: AsyncIterator<number>) {
  const readiness = readinessOf(stream);
  return {
    ready: () => readiness.ready(),
    /** How often the callback was called. */
    whenReady: () => {
      let calls = 0;
      return { waits: readiness.whenReady(() => calls++), calls: () => calls };
    },
  };
}

test("what is there when a message has to wait waits with it, for one write", async () => {
  const { journal, commit, numbers, stream, ready } = opened();
  journal.hold();
  commit.applied();
  numbers.give(1, 2, 3);
  expect(ready()).toBeUndefined();
  let first: unknown;
  const next = stream.next().then((result) => {
    first = result.value;
  });
  await turns();
  expect([first, numbers.pulled, ready()]).toEqual([undefined, 3, undefined]);
  // This one may tell of what is in the next write.
  commit.applied();
  numbers.give(4);
  journal.letGo();
  await next;
  expect([first, ready(), ready(), ready()]).toEqual([1, 2, 3, undefined]);
  const last = stream.next();
  journal.letGo();
  expect((await last).value).toBe(4);
  numbers.give(5);
  expect([ready(), ready()]).toEqual([5, undefined]);
});

test("who does not know of `ready` gets the same messages in the same order", async () => {
  const { journal, commit, numbers, stream } = opened();
  journal.hold();
  commit.applied();
  numbers.give(1, 2, 3);
  const first = stream.next();
  await turns();
  journal.release();
  const seen = [await first, await stream.next(), await stream.next()];
  expect(seen.map(({ value }) => value)).toEqual([1, 2, 3]);
});

test("after a write that failed nothing is given, not even what was taken before", async () => {
  const { journal, commit, numbers, stream, ready } = opened();
  numbers.give(1, 2, 3);
  expect((await stream.next()).value).toBe(1);
  expect(numbers.pulled).toBe(3);
  commit.applied();
  journal.fail(new Error("disk full"));
  await turns();
  expect(() => ready()).toThrow("the storage failed");
  await expect(stream.next()).rejects.toThrow("the storage failed");
});

test("one that waits without a promise is called when there is a message, once, and when writes fail", async () => {
  const { journal, commit, numbers, ready, whenReady } = opened();
  const first = whenReady();
  expect([first.waits, first.calls()]).toEqual([true, 0]);
  numbers.give(1);
  expect([first.calls(), ready(), ready()]).toEqual([1, 1, undefined]);
  const second = whenReady();
  commit.applied();
  journal.fail(new Error("disk full"));
  await turns();
  expect([first.calls(), second.calls()]).toEqual([1, 1]);
  expect(() => ready()).toThrow("the storage failed");
});

test("one does not wait without a promise for what waits for a write", () => {
  const { journal, commit, numbers, ready, whenReady } = opened();
  whenReady();
  journal.hold();
  commit.applied();
  numbers.give(1);
  expect([ready(), whenReady().waits]).toEqual([undefined, false]);
});

test("a message that is made at once waits for the write of what was applied for it", async () => {
  const { journal, commit, numbers, stream, ready, whenReady } = opened();
  whenReady();
  journal.hold();
  numbers.pulling = () => commit.applied();
  numbers.give(1);
  expect([ready(), numbers.pulled, whenReady().waits]).toEqual([undefined, 1, false]);
  let value: unknown;
  const next = stream.next().then((result) => {
    value = result.value;
  });
  await turns();
  expect(value).toBeUndefined();
  numbers.pulling = () => {};
  journal.release();
  await next;
  expect(value).toBe(1);
});
