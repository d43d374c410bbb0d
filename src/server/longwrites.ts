import type { Clock } from "./clock.ts";

interface Work {
  /** Does the next part; true when nothing is left. */
  step(): boolean;
}

/**
 * Writes that take more than one turn, one at a time: nothing else may be written before it is done. Who cannot wait
 * for that has it done at once, by `settle`: then it takes one long turn, and else makes no difference.
 */
export class LongWrites {
  readonly #clock: Clock;
  readonly #idle: () => void;
  #work: Work | undefined;
  #cancelTimer: (() => void) | undefined;

  /** @param idle called whenever one that took more than a turn is done */
  constructor(clock: Clock, idle: () => void) {
    this.#clock = clock;
    this.#idle = idle;
  }

  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** @param finished called with the result: at once, where one step does */
  begin<T>(steps: Generator<void, T>, finished: (result: T) => void): void {
    const step = (): boolean => {
      const next = steps.next();
      if (next.done !== true) return false;
      this.#work = undefined;
      finished(next.value);
      return true;
    };
    if (step()) return;
    this.#work = { step };
    this.#continueLater();
  }

  /** Brings to its end what is under way. */
  settle(): void {
    if (this.#work === undefined) return;
    this.#cancelTimer?.();
    while (!this.#work.step());
    this.#idle();
  }

  #continueLater(): void {
    this.#cancelTimer = this.#clock.setTimer(0, () => {
      if (this.#work?.step()) this.#idle();
      else this.#continueLater();
    });
  }
}
