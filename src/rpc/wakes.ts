/**
 * Streams that have something to send, woken so many in a turn of the event loop: what one commit has for thousands of
 * them would keep everybody else waiting.
 */
import type { Signal } from "./signal.ts";

/** They take 2 or 3 milliseconds. */
const MAX_A_TURN = 250;

export class Wakes {
  /** The first that came is the first to be woken. */
  readonly #waiting = new Set<Signal>();
  #left = MAX_A_TURN;
  #isTurnComing = false;

  /** At once, unless many have been woken in this turn. */
  wake(signal: Signal): void {
    if (signal.isSet) return;
    if (this.#left > 0) this.#set(signal);
    else this.#waiting.add(signal);
    this.#awaitTurn();
  }

  #set(signal: Signal): void {
    this.#left--;
    signal.set();
  }

  #awaitTurn(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    setTimeout(() => this.#turn(), 0);
  }

  #turn(): void {
    this.#isTurnComing = false;
    this.#left = MAX_A_TURN;
    for (const signal of this.#waiting) {
      if (this.#left === 0) break;
      this.#waiting.delete(signal);
      this.#set(signal);
    }
    if (this.#left < MAX_A_TURN) this.#awaitTurn();
  }
}
