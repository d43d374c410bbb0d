import type { Entry } from "../entry.ts";
import { countIn } from "../keyrange.ts";
import type { Store } from "../store.ts";
import { WatcherGroup } from "./group.ts";
import { WatchStream } from "./stream.ts";
import type { Watcher, WatcherOwner, WatcherRegistry } from "./watcher.ts";

/** Looked at in one go, to find those that a large delete concerns. */
const WATCHERS_PER_STEP = 5000;

/** What watchers are to be told of a commit. */
interface News {
  readonly revision: number;
  readonly changes: readonly Entry[];
  /** In the place of those that the changes would find. */
  readonly concerned: Set<Watcher> | undefined;
}

/**
 * Where commits meet watches. A commit only marks the cursors it concerns and wakes their streams; what
 * each watcher gets is read from history when its reader has room, so a slow one holds up nobody.
 *
 * Where a commit could still be lost, readers are to know of it once it was confirmed:
 *
 *     committed    4   5   6   7
 *     confirmed    4   5             `revision` is 5: nobody is shown more, nobody is woken for more
 */
export class WatchHub implements WatcherRegistry {
  readonly store: Store;
  /** What was committed and not confirmed, oldest first. */
  #held: News[] = [];
  /** The newest revision that was confirmed; undefined where all are as they come. */
  #confirmed: number | undefined;
  #isStopped = false;
  readonly #group = new WatcherGroup();
  readonly #streams = new Set<WatcherOwner>();
  /** Those that a large delete may concern, which is about to be committed. */
  #concerned: Set<Watcher> | undefined;
  /** Events that readers got since the start. */
  events = 0;

  /** @param needsConfirmation whether commits are to be confirmed before readers know of them */
  constructor(store: Store, needsConfirmation = false) {
    this.store = store;
    if (needsConfirmation) this.#confirmed = store.revision;
    store.onCommit((revision, changes) => this.#committed(revision, changes));
    store.onStage({ prepare: (keys) => this.#preparing(keys) });
  }

  /** Watches that can still get events. */
  get watchers(): number {
    return this.#group.size;
  }

  get revision(): number {
    return this.#confirmed ?? this.store.revision;
  }

  /** What was committed up to that revision is kept. */
  confirm(revision: number): void {
    this.#confirmed = revision;
    const next = this.#held.findIndex((news) => news.revision > revision);
    const told = this.#held.splice(0, next === -1 ? this.#held.length : next);
    for (const news of told) this.#tell(news);
    if (this.#isStopped && this.#held.length === 0) this.#stopStreams();
  }

  /** @param wake called whenever `pull` may have something again */
  newStream(wake: () => void): WatchStream {
    const stream = new WatchStream(this, wake);
    this.#streams.add(stream);
    return stream;
  }

  /** Nothing is written any more: each stream is over when what there is has been confirmed and read. */
  stop(): void {
    this.#isStopped = true;
    if (this.#held.length === 0) this.#stopStreams();
  }

  closed(stream: WatcherOwner): void {
    this.#streams.delete(stream);
  }

  add(watcher: Watcher): void {
    this.#group.add(watcher);
    this.#concerned?.add(watcher);
    for (const { concerned } of this.#held) concerned?.add(watcher);
  }

  delete(watcher: Watcher): void {
    this.#group.delete(watcher);
    this.#concerned?.delete(watcher);
    for (const { concerned } of this.#held) concerned?.delete(watcher);
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

  #committed(revision: number, changes: readonly Entry[]): void {
    const news = { revision, changes, concerned: this.#concerned };
    this.#concerned = undefined;
    if (this.#confirmed === undefined) this.#tell(news);
    else this.#held.push(news);
  }

  #tell({ revision, changes, concerned }: News): void {
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

  #stopStreams(): void {
    for (const stream of this.#streams) stream.stop();
  }
}
