/**
 * A set of things that come and go, linked through themselves. A Set of the calls that are open costs a quarter
 * of what a small Put costs in all: it is rebuilt again and again for the holes that are left in it.
 */

export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param item not in the list */
  add(item: T): void {
    item.next = this.#first;
    if (this.#first !== undefined) this.#first.previous = item;
    this.#first = item;
    this.#size++;
  }

  /** @param item in the list */
  delete(item: T): void {
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next !== undefined) item.next.previous = item.previous;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
  }

  some(test: (item: T) => boolean): boolean {
    for (let item = this.#first; item !== undefined; item = item.next) if (test(item)) return true;
    return false;
  }

  /** The newest first; as of now, whatever happens to the list meanwhile. */
  toArray(): T[] {
    const items: T[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) items.push(item);
    return items;
  }
}
