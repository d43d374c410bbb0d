/**
 * RFC 9113, 5.1: the last streams that are gone, and which of them we have reset. Whoever speaks of one that is gone for
 * longer, or was passed over (5.1.1), is in error.
 */
const REMEMBERED = 128;
/** Most connections have few. */
const FIRST_PLACES = 8;

export class ClosedStreams {
  /** Negative for those that we have reset. */
  #ids: Int32Array | undefined;
  #next = 0;

  add(id: number, wasReset: boolean): void {
    this.#ids ??= new Int32Array(FIRST_PLACES);
    if (this.#next === this.#ids.length) this.#makeRoom(this.#ids);
    this.#ids[this.#next++] = wasReset ? -id : id;
  }

  has(id: number): boolean {
    return this.#ids?.includes(id) === true;
  }

  hasReset(id: number): boolean {
    return this.#ids?.includes(-id) === true;
  }

  #makeRoom(ids: Int32Array): void {
    this.#next = 0;
    if (ids.length === REMEMBERED) return;
    this.#next = ids.length;
    this.#ids = new Int32Array(REMEMBERED);
    this.#ids.set(ids);
  }
}
