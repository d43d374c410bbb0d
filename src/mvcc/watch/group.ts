import { IntervalSet } from "../intervals.ts";
import { isSingleKey, upperBound } from "../keyrange.ts";
import type { Watcher } from "./watcher.ts";

/** Finds the watchers of a key: by hash those of that one key, by interval those of a range. */
export class WatcherGroup {
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #byRange = new IntervalSet<Watcher>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(watcher: Watcher): void {
    this.#size++;
    const range = watcher.request;
    if (!isSingleKey(range)) {
      this.#byRange.add(range.key, upperBound(range), watcher);
      return;
    }
    const watchers = this.#byKey.get(range.key);
    if (watchers === undefined) this.#byKey.set(range.key, new Set([watcher]));
    else watchers.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#size--;
    const range = watcher.request;
    if (!isSingleKey(range)) {
      this.#byRange.delete(range.key, upperBound(range), watcher);
      return;
    }
    const watchers = this.#byKey.get(range.key);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byKey.delete(range.key);
  }

  visit(key: string, visit: (watcher: Watcher) => void): void {
    const watchers = this.#byKey.get(key);
    if (watchers !== undefined) for (const watcher of watchers) visit(watcher);
    this.#byRange.stab(key, visit);
  }
}
