import type { Entry } from "../entry.ts";
import { countIn } from "../keyrange.ts";
import type { Store } from "../store.ts";
import { WatcherGroup } from "./group.ts";
import { WatchStream } from "./stream.ts";
import type { Watcher, WatcherOwner, WatcherRegistry } from "./watcher.ts";

/** Looked at in one go, to find those that a large delete concerns. */
const WATCHERS_PER_STEP = 5000;

/**
 * Where commits meet watches. A commit only marks the cursors it concerns and wakes their streams; what
 * each watcher gets is read from history when its reader has room, so a slow one holds up nobody.
 */
export class WatchHub implements WatcherRegistry {
  readonly store: Store;
  readonly #group = new WatcherGroup();
  readonly #streams = new Set<WatcherOwner>();
  /** Those that a large delete may concern, which is about to be committed. */
  #concerned: Set<Watcher> | undefined;
  /** Events that readers got since the start. */
  events = 0;

  constructor(store: Store) {
    this.store = store;
    store.onCommit((revision, changes) => this.#notify(revision, changes));
    store.onStage({ prepare: (keys) => this.#preparing(keys) });
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
    this.#concerned?.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#group.delete(watcher);
    this.#concerned?.delete(watcher);
  }

  delivered(events: number): void {
    this.events += events;
  }

  /** Of a large delete each watcher is asked for, as it may have more keys than there are watchers. */
  *#preparing(keys: readonly string[]): Generator<void> {
    const concerned = new Set<Watcher>();
    this.#concerned = concerned;
    let looked = 0;
    for (const stream of this.#streams) {
      for (const watcher of stream.watchers) {
        if (watcher.state !== "compacted" && countIn(keys, watcher.request) > 0) concerned.add(watcher);
        if (++looked % WATCHERS_PER_STEP === 0) yield;
      }
    }
  }

  #notify(revision: number, changes: readonly Entry[]): void {
    const concerned = this.#concerned;
    this.#concerned = undefined;
    if (this.#group.size === 0) return;
    const mark = (watcher: Watcher): void => {
      if (watcher.state !== "waiting" || revision < watcher.next) return;
      watcher.state = "pending";
      watcher.next = revision;
      watcher.owner.ready(watcher);
    };
    if (concerned !== undefined) for (const watcher of concerned) mark(watcher);
    else for (const entry of changes) this.#group.visit(entry.key, mark);
  }
}
