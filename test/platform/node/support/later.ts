/** A promise that a test settles, or waits for. */
export class Later<T = void> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits gets the reason; a test that does not wait is no unhandled rejection.
    this.promise.catch(() => {});
  }
}
