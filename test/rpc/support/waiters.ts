/** Calls that wait, in a test's hands: what is put and deleted under a prefix tells how far they are. */
import { onTestFinished } from "vitest";
import { Event_EventType } from "../../../src/gen/mvccpb/kv_pb.ts";
import { text } from "./show.ts";
import type { Target } from "./target.ts";
import { openWatch, type WatchClient } from "./watch.ts";

/** Tells of the keys under a name as they come and go. */
export class Keys {
  readonly #watch: WatchClient;
  readonly #changes: string[] = [];

  constructor(watch: WatchClient) {
    this.#watch = watch;
  }

  /** The next change: `+key`, or `-key`. */
  async next(): Promise<string> {
    for (;;) {
      const change = this.#changes.shift();
      if (change !== undefined) return change;
      const { events } = await this.#watch.next();
      for (const { type, kv } of events) {
        if (kv !== undefined) this.#changes.push(`${type === Event_EventType.DELETE ? "-" : "+"}${text(kv.key)}`);
      }
    }
  }
}

export async function watchKeys(target: Target, name: string): Promise<Keys> {
  return new Keys(await openWatch(target, `${name}/`, `${name}0`));
}

/** A call that its test, or the test's end, takes back. */
export class Waiting<T> {
  readonly #abort = new AbortController();
  readonly outcome: Promise<T>;
  isOver = false;

  constructor(call: (options: { signal: AbortSignal }) => Promise<T>) {
    this.outcome = call({ signal: this.#abort.signal });
    const over = (): void => {
      this.isOver = true;
    };
    this.outcome.then(over, over);
    onTestFinished(() => this.leave());
  }

  leave(): void {
    this.#abort.abort();
  }
}
