/** A reply to each request: at once where both stand ready, and the same to those who know nothing of that. */
import { expect, test } from "vitest";
import type { ReadyIterator } from "../../src/rpc/index.ts";
import { Replies } from "../../src/rpc/replies.ts";

/** Requests that stand ready, and then none for now. */
class Requests implements ReadyIterator<number> {
  readonly #waiting: number[];
  #callback: (() => void) | undefined;
  returned = 0;

  constructor(...waiting: number[]) {
    this.#waiting = waiting;
  }

  give(request: number): void {
    this.#waiting.push(request);
    this.#callback?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ready(): number | undefined {
    return this.#waiting.shift();
  }

  whenReady(callback: () => void): boolean {
    this.#callback = callback;
    return true;
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    const value = this.ready();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.returned++;
    return { done: true, value: undefined };
  }
}

const doubled = (request: number): number => request * 2;

test("what stands ready is answered at once, and who waits is called when there is more", () => {
  const requests = new Requests(1, 2);
  const replies = new Replies(requests, doubled);
  expect([replies.ready(), replies.ready(), replies.ready()]).toEqual([2, 4, undefined]);
  let calls = 0;
  expect(replies.whenReady(() => calls++)).toBe(true);
  requests.give(3);
  expect([calls, replies.ready()]).toEqual([1, 6]);
});

test("requests that do not stand ready are answered by `next`, to their end", async () => {
  async function* requests() {
    yield 1;
    yield 2;
  }
  const replies = new Replies(requests(), doubled);
  expect([replies.ready(), replies.whenReady(() => {})]).toEqual([undefined, false]);
  const seen: number[] = [];
  for await (const reply of replies) seen.push(reply);
  expect(seen).toEqual([2, 4]);
});

test("a reply that takes time holds up those behind it, and comes by `next`", async () => {
  const later = Promise.withResolvers<number>();
  const replies = new Replies(new Requests(1, 2), (request) => (request === 1 ? later.promise : request));
  expect([replies.ready(), replies.ready(), replies.whenReady(() => {})]).toEqual([undefined, undefined, false]);
  const first = replies.next();
  later.resolve(7);
  expect(await first).toEqual({ done: false, value: 7 });
  expect(replies.ready()).toBe(2);
});

test("an error of a reply comes in its place, and no more requests are taken", async () => {
  const fail = (): number => {
    throw new Error("no");
  };
  const atOnce = new Requests(1);
  expect(() => new Replies(atOnce, fail).ready()).toThrow("no");
  const asked = new Requests(1);
  await expect(new Replies(asked, fail).next()).rejects.toThrow("no");
  const late = new Requests(1);
  const replies = new Replies(late, async () => fail());
  expect(replies.ready()).toBeUndefined();
  await expect(replies.next()).rejects.toThrow("no");
  expect([atOnce.returned, asked.returned, late.returned]).toEqual([1, 1, 1]);
});
