/**
 * One watch of the dock: what it received, what of it is shown, and its pause.
 *
 *     stream ──▶ #incoming ──(one frame)──▶ kept ──(filter)──▶ shown
 *            └─▶ #held, while paused; when that is full the stream ends and its position stays
 *
 * Kept and held are bounded by count and by bytes. What leaves `kept` at its old end is the only thing that is
 * ever let go of, and `forgotten` counts it.
 */
import type { Event } from "../../../src/gen/mvccpb/kv_pb.ts";
import { type OpenWatchStream, ResumingWatch } from "../live/index.ts";
import { nextFrame } from "../store/frame.ts";
import { Cell } from "../ui/cell.ts";
import { matcherOf, NO_FILTER, type RowFilter } from "./filter.ts";
import { RateMeter } from "./rate.ts";
import { type Row, rowOf } from "./row.ts";
import { RowQueue } from "./rowqueue.ts";
import type { WatchSpec } from "./spec.ts";

export interface Bounds {
  readonly maxRows: number;
  /** Rows that may wait for the end of a pause. */
  readonly maxHeldRows: number;
  readonly maxBytes: number;
}

const BOUNDS: Bounds = { maxRows: 100_000, maxHeldRows: 100_000, maxBytes: 128 * 1024 * 1024 };

export class WatchSession {
  readonly id: number;
  readonly spec: WatchSpec;
  readonly watch: ResumingWatch;
  readonly rate = new RateMeter();
  readonly kept = new RowQueue();
  /** The rows of `kept` that pass the filter. */
  readonly shown = new RowQueue();
  /** Counts the changes of what is shown: at most one a frame. */
  readonly version = new Cell(0);
  readonly paused = new Cell(false);
  readonly filter = new Cell<RowFilter>(NO_FILTER);
  readonly #bounds: Bounds;
  #matches = matcherOf(NO_FILTER);
  #incoming: Row[] = [];
  #held = new RowQueue();
  #received = 0;
  #isHeldFull = false;
  #isClosed = false;
  #cancelFrame: (() => void) | undefined;

  constructor(id: number, spec: WatchSpec, open: OpenWatchStream, bounds = BOUNDS) {
    this.id = id;
    this.spec = spec;
    this.#bounds = bounds;
    this.watch = new ResumingWatch({
      open,
      range: spec,
      fromRevision: spec.fromRevision,
      prevKv: spec.prevKv ?? true,
      listener: { onEvents: (events) => this.#receive(events) },
    });
    this.watch.start();
  }

  /** Events since it began. */
  get received(): number {
    return this.#received;
  }

  /** Events that came in since the pause and wait for its end. */
  get heldCount(): number {
    return this.#held.length;
  }

  /** Whether the pause has outlasted the buffer, so that the stream is closed until it ends. */
  get isHeldFull(): boolean {
    return this.#isHeldFull;
  }

  /** Events that were let go of, for newer ones or by `clear`. */
  get forgotten(): number {
    return this.#received - this.kept.length - this.#held.length - this.#incoming.length;
  }

  setFilter(filter: RowFilter): void {
    this.filter.set(filter);
    this.#matches = matcherOf(filter);
    this.shown.clear();
    for (const row of this.kept) if (this.#matches(row)) this.shown.push(row);
    this.version.update((version) => version + 1);
  }

  pause(): void {
    if (this.paused.value) return;
    for (const row of this.#incoming) this.#held.push(row);
    this.#incoming = [];
    this.paused.set(true);
  }

  resume(): void {
    if (!this.paused.value) return;
    this.#incoming = [...this.#held];
    this.#held = new RowQueue();
    this.paused.set(false);
    this.#commit();
    if (this.#isHeldFull) this.watch.start();
    this.#isHeldFull = false;
  }

  /** Goes on after what it could not be resumed from. */
  restart(fromRevision = 0): void {
    this.watch.restart(fromRevision);
  }

  /** Lets go of what is kept; the stream goes on. */
  clear(): void {
    this.kept.clear();
    this.shown.clear();
    this.version.update((version) => version + 1);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelFrame?.();
    this.watch.stop();
  }

  #receive(events: readonly Event[]): void {
    const nowMs = Date.now();
    this.rate.add(events.length, nowMs);
    for (const event of events) {
      const row = rowOf(event, this.#received, nowMs);
      if (row === undefined) continue;
      this.#received++;
      if (this.paused.value) this.#held.push(row);
      else this.#incoming.push(row);
    }
    if (this.paused.value) this.#stopWhenFull();
    // A hidden page draws no frames: what waits for one is bounded all the same.
    else if (this.#incoming.length >= this.#bounds.maxRows) this.#commit();
    else this.#cancelFrame ??= nextFrame(() => this.#commit());
  }

  #stopWhenFull(): void {
    const { maxHeldRows, maxBytes } = this.#bounds;
    if (this.#held.length < maxHeldRows && this.#held.sizeBytes < maxBytes) return;
    this.#isHeldFull = true;
    this.watch.stop();
  }

  #commit(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    if (this.#isClosed || this.#incoming.length === 0) return;
    for (const row of this.#incoming) {
      this.kept.push(row);
      if (this.#matches(row)) this.shown.push(row);
    }
    this.#incoming = [];
    this.kept.trim(this.#bounds.maxRows, this.#bounds.maxBytes);
    const oldest = this.kept.at(0)?.sequence ?? 0;
    while ((this.shown.at(0)?.sequence ?? oldest) < oldest) this.shown.shift();
    this.version.update((version) => version + 1);
  }
}
