/** A binary heap of IDs by deadline. Moving a deadline adds a newer item; the stale one is skipped on its way out. */
export class DeadlineQueue {
  readonly #heap: Array<{ id: bigint; deadlineMs: number }> = [];

  push(id: bigint, deadlineMs: number): void {
    const heap = this.#heap;
    let at = heap.push({ id, deadlineMs }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#deadline(parent) <= this.#deadline(at)) return;
      this.#swap(parent, at);
      at = parent;
    }
  }

  /** Items held, stale ones too. */
  get size(): number {
    return this.#heap.length;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  peek(): { readonly id: bigint; readonly deadlineMs: number } | undefined {
    return this.#heap[0];
  }

  pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const least = this.#leastOf(at);
      if (least === at) return;
      this.#swap(least, at);
      at = least;
    }
  }

  /** Of a node and its two children, the one with the earliest deadline. */
  #leastOf(at: number): number {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < this.#heap.length && this.#deadline(child) < this.#deadline(least)) least = child;
    }
    return least;
  }

  #deadline(at: number): number {
    return this.#heap[at]?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const held = heap[a];
    const other = heap[b];
    if (held === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = held;
  }
}
