import type { Entry } from "../entry.ts";
import type { Store } from "../store.ts";
import { WatcherGroup } from "./group.ts";
import { WatchStream } from "./stream.ts";
import type { Watcher, WatcherOwner, WatcherRegistry } from "./watcher.ts";

/**
 * Where commits meet watches. A commit only marks the cursors it concerns and wakes their streams; what
 * each watcher gets is read from history when its reader has room, so a slow one holds up nobody.
 */
export class WatchHub implements WatcherRegistry {
  readonly store: Store;
  readonly #group = new WatcherGroup();
  readonly #streams = new Set<WatcherOwner>();
  /** Events that readers got since the start. */
  events = 0;

  constructor(store: Store) {
    this.store = store;
    store.onCommit((revision, changes) => this.#notify(revision, changes));
  }

  /** Watches that can still get events. */
  get watchers(): number {
    return this.#group.size;
  }

  /** @param wake called whenever `pull` may have something again */
  newStream(wake: () => void): WatchStream {
    const stream = new WatchStream(this, wake);
    this.#streams.add(stream);
    return stream;
  }

  /** Nothing is written any more: each stream is over when what there is has been read. */
  stop(): void {
    for (const stream of this.#streams) stream.stop();
  }

  closed(stream: WatcherOwner): void {
    this.#streams.delete(stream);
  }

  add(watcher: Watcher): void {
    this.#group.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#group.delete(watcher);
  }

  delivered(events: number): void {
    this.events += events;
  }

  #notify(revision: number, changes: readonly Entry[]): void {
    if (this.#group.size === 0) return;
    const mark = (watcher: Watcher): void => {
      if (watcher.state !== "waiting" || revision < watcher.next) return;
      watcher.state = "pending";
      watcher.next = revision;
      watcher.owner.ready(watcher);
    };
    for (const entry of changes) this.#group.visit(entry.key, mark);
  }
}
