/** Something to wait for that may happen before anybody waits: `set` releases the waiter, or the next one. */
export class Signal {
  #isSet = false;
  #release: (() => void) | undefined;

  /** Whether nobody has waited since it was set. */
  get isSet(): boolean {
    return this.#isSet;
  }

  set(): void {
    this.#isSet = true;
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /** For one waiter at a time. */
  async wait(): Promise<void> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    }
    this.#isSet = false;
  }

  /** Calls back when it is set from now on, in the place of `wait`. */
  whenSet(callback: () => void): void {
    this.#isSet = false;
    this.#release = () => {
      this.#isSet = false;
      callback();
    };
  }
}
