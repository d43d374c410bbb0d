/**
 * One watch of a range, shared by all that are to stay current with it, told in one batch a frame.
 *
 * A batch with `reload` says: all changes after `revision` follow from here on. Whoever holds a state that was
 * read at an earlier revision, or at any one after a rewind, reads it again; what is read later needs no more
 * than to drop events up to the revision it was read at.
 */
import type { Event } from "../../../src/gen/mvccpb/kv_pb.ts";
import { nextFrame } from "../store/frame.ts";
import type { Cell } from "../ui/cell.ts";
import { ResumingWatch, type WatchRange, type WatchState } from "./resumingwatch.ts";
import type { OpenWatchStream } from "./watchstream.ts";

export interface LiveBatch {
  /** In order, each once. */
  readonly events: readonly Event[];
  /** Everything up to it has been told. */
  readonly revision: number;
  /** Undefined in the course of things. */
  readonly reload: "started" | "compacted" | "rewound" | undefined;
}

export type LiveListener = (batch: LiveBatch) => void;

interface Reader {
  readonly listener: LiveListener;
  /** Due to this reader before any events. */
  reload: LiveBatch["reload"];
}

export class LiveWatch {
  readonly #readers = new Set<Reader>();
  readonly #watch: ResumingWatch;
  readonly #unsubscribe: () => void;
  #pending: Event[] = [];
  #isStarted = false;
  #reason: LiveBatch["reload"] = "started";
  #cancelFrame: (() => void) | undefined;

  constructor(open: OpenWatchStream, range: WatchRange) {
    this.#watch = new ResumingWatch({
      open,
      range,
      listener: {
        onStart: () => this.#onStart(),
        onEvents: (events) => {
          for (const event of events) this.#pending.push(event);
          this.#schedule();
        },
      },
    });
    this.#unsubscribe = this.#watch.state.subscribe(() => this.#onState());
    this.#watch.start();
  }

  get state(): Cell<WatchState> {
    return this.#watch.state;
  }

  get lastResponseAtMs(): number {
    return this.#watch.lastResponseAtMs;
  }

  get isUnused(): boolean {
    return this.#readers.size === 0;
  }

  /** Goes on where a failure has ended it. */
  retry(): void {
    if (this.#watch.state.value.phase === "failed") this.#watch.start();
  }

  /** Returns what ends it. */
  add(listener: LiveListener): () => void {
    const reader: Reader = { listener, reload: this.#isStarted ? "started" : undefined };
    this.#readers.add(reader);
    if (this.#isStarted) this.#schedule();
    return () => this.#readers.delete(reader);
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelFrame?.();
    this.#watch.stop();
  }

  #onStart(): void {
    this.#isStarted = true;
    for (const reader of this.#readers) reader.reload = this.#reason;
    this.#reason = "started";
    this.#schedule();
  }

  /** What cannot be resumed begins again from now, and its readers read the state again. */
  #onState(): void {
    const { phase } = this.#watch.state.value;
    if (phase !== "compacted" && phase !== "rewound") return;
    this.#isStarted = false;
    this.#reason = phase;
    this.#pending = [];
    this.#watch.restart();
  }

  #schedule(): void {
    this.#cancelFrame ??= nextFrame(() => this.#flush());
  }

  #flush(): void {
    this.#cancelFrame = undefined;
    if (!this.#isStarted) return;
    const events = this.#pending;
    this.#pending = [];
    const revision = this.#watch.position - 1;
    for (const reader of [...this.#readers]) {
      const { reload } = reader;
      reader.reload = undefined;
      if (events.length > 0 || reload !== undefined) reader.listener({ events, revision, reload });
    }
  }
}
