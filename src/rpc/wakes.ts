/**
 * Streams that have something to send, woken once a turn of the event loop: when all that has come was read, so that
 * what several commits have for one of them it sends together; and so many in a turn, as what one commit has for
 * thousands would keep everybody else waiting.
 *
 *     turn   │ requests │ A B C │ requests │ D A B │ …        a millisecond of them, then who waits behind them
 *
 * One may rest: what comes for it within a few milliseconds then goes together.
 */
import type { Signal } from "./signal.ts";

/** Those that have little to send take 2 or 3 milliseconds; where the clock stands still in a turn, that has to do. */
const MAX_A_TURN = 250;
const TURN_MS = 1;
const REST_MS = 8;

export class Wakes {
  /** The first that came is the first to be woken. */
  readonly #waiting = new Set<Signal>();
  /** Those that rest, and whether they were woken meanwhile. */
  readonly #resting = new Map<Signal, boolean>();
  readonly #turn = (): void => this.#wakeSome();
  #isTurnComing = false;

  wake(signal: Signal): void {
    if (signal.isSet) return;
    if (this.#resting.has(signal)) {
      this.#resting.set(signal, true);
      return;
    }
    this.#waiting.add(signal);
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    // Where there is no telling when all was read, at the end of the step that wakes.
    if (globalThis.setImmediate === undefined) queueMicrotask(this.#turn);
    else setImmediate(this.#turn);
  }

  /** It is not woken for a while; what it is to be woken for meanwhile it is woken for then. */
  rest(signal: Signal): void {
    if (this.#resting.has(signal)) return;
    this.#resting.set(signal, false);
    setTimeout(() => {
      const isWanted = this.#resting.get(signal) === true;
      this.#resting.delete(signal);
      if (isWanted) this.wake(signal);
    }, REST_MS);
  }

  #wakeSome(): void {
    const endMs = performance.now() + TURN_MS;
    let left = MAX_A_TURN;
    for (const signal of this.#waiting) {
      this.#waiting.delete(signal);
      signal.set();
      if (--left === 0 || performance.now() >= endMs) break;
    }
    this.#isTurnComing = this.#waiting.size > 0;
    if (!this.#isTurnComing) return;
    if (globalThis.setImmediate === undefined) setTimeout(this.#turn, 0);
    else setImmediate(this.#turn);
  }
}
