/**
 * Connections take turns: whoever has sent so much that it would keep the others waiting is read a little at a time,
 * and in between those are heard that have just begun to speak.
 *
 *     loop   │ data A… │ data B │ next: A… C… D… A… │ data E │ next: C… D… │
 */
import type { Clock } from "../../../server/index.ts";

/** How long a connection is read at a time. */
const TURN_MS = 1;
/** How long those that go on take of a turn of the event loop. */
const ROUND_MS = 4;

export class Turns {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  readonly #round = (): void => this.#goOn();
  #isComing = false;
  #endMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connection is read. */
  begin(nowMs: number): void {
    this.#endMs = nowMs + TURN_MS;
  }

  get isOver(): boolean {
    return this.#clock.now() >= this.#endMs;
  }

  /** @param goOn is called when it is its turn again, once */
  next(goOn: () => void): void {
    this.#waiting.push(goOn);
    this.#schedule();
  }

  #goOn(): void {
    this.#isComing = false;
    const endMs = this.#clock.now() + ROUND_MS;
    for (let left = this.#waiting.length; left > 0 && this.#clock.now() < endMs; left--) this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isComing) return;
    this.#isComing = true;
    setImmediate(this.#round);
  }
}
