/**
 * Streams that have something to send, woken once a turn of the event loop: when all that has come was read, so that
 * what several commits have for one of them it sends together; and so many in a turn, as what one commit has for
 * thousands would keep everybody else waiting.
 */
import type { Signal } from "./signal.ts";

/** They take 2 or 3 milliseconds. */
const MAX_A_TURN = 250;

export class Wakes {
  /** The first that came is the first to be woken. */
  readonly #waiting = new Set<Signal>();
  readonly #turn = (): void => this.#wakeSome();
  #isTurnComing = false;

  wake(signal: Signal): void {
    if (signal.isSet) return;
    this.#waiting.add(signal);
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    // Where there is no telling when all was read, at the end of the step that wakes.
    if (globalThis.setImmediate === undefined) queueMicrotask(this.#turn);
    else setImmediate(this.#turn);
  }

  #wakeSome(): void {
    let left = MAX_A_TURN;
    for (const signal of this.#waiting) {
      if (left-- === 0) break;
      this.#waiting.delete(signal);
      signal.set();
    }
    this.#isTurnComing = this.#waiting.size > 0;
    if (!this.#isTurnComing) return;
    if (globalThis.setImmediate === undefined) setTimeout(this.#turn, 0);
    else setImmediate(this.#turn);
  }
}
