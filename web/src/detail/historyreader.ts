/**
 * Every version of one key that the store still has, read by one watch from the oldest revision on, which then
 * goes on with what is new:
 *
 *     compacted ──┬── the version at the compact revision, by a Range ──┬── events after it, by the watch ── live
 *                 └── those before are gone, and that is how it is       └── puts and deletes
 *
 * A history can be long and its values large: values are kept up to a budget, and read again when they are wanted.
 */
import { type Event, Event_EventType } from "../../../src/gen/mvccpb/kv_pb.ts";
import { ResumingWatch, watchStreamsOf } from "../live/index.ts";
import type { Connection } from "../store/connection.ts";
import { nextFrame } from "../store/frame.ts";
import { Cell } from "../ui/cell.ts";
import { type KeyRecord, recordOf } from "./record.ts";

export interface HistoryEntry {
  readonly type: "put" | "delete";
  readonly revision: number;
  /** Of a delete 0, as the rest. */
  readonly createRevision: number;
  readonly version: number;
  readonly lease: bigint;
  readonly sizeBytes: number;
  /** Undefined for one that is not kept, and of a delete. */
  readonly value: Uint8Array | undefined;
}

export interface HistoryState {
  readonly phase: "reading" | "complete" | "failed";
  /** Oldest first; the array grows in place, so `count` says what is new. */
  readonly entries: readonly HistoryEntry[];
  readonly count: number;
  /** What is before it is gone; 0 where nothing is. */
  readonly compactRevision: number;
  readonly error: string | undefined;
}

const KEPT_BYTES = 16 * 1024 * 1024;
/** After this long without an event, a history whose end is not known is taken to be whole. */
const QUIET_MS = 400;

export class HistoryReader {
  readonly state: Cell<HistoryState>;
  readonly #connection: Connection;
  readonly #key: Uint8Array;
  readonly #watch: ResumingWatch;
  readonly #entries: HistoryEntry[] = [];
  #keptBytes = 0;
  #compactRevision = 0;
  /** The newest version's revision when the reading began; undefined until that is known, 0 for a key that is gone. */
  #newest: number | undefined;
  #isComplete = false;
  #cancelFrame: (() => void) | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(connection: Connection, key: Uint8Array) {
    this.#connection = connection;
    this.#key = key;
    const state = { phase: "reading", entries: this.#entries, count: 0, compactRevision: 0, error: undefined } as const;
    this.state = new Cell<HistoryState>(state);
    this.#watch = new ResumingWatch({
      open: watchStreamsOf(connection.transport),
      range: { key, rangeEnd: new Uint8Array() },
      fromRevision: 1,
      listener: { onStart: () => this.#wait(), onEvents: (events) => this.#take(events) },
    });
    this.#watch.state.subscribe(() => this.#onWatch());
    void this.#start();
  }

  /** The value of an entry that is a put, from the store if it is not kept. */
  async valueOf(entry: HistoryEntry): Promise<Uint8Array> {
    if (entry.type === "delete") return new Uint8Array();
    if (entry.value !== undefined) return entry.value;
    const record = await this.#readAt(entry.revision);
    if (record === undefined) throw new Error(`revision ${entry.revision} is gone`);
    return record.value;
  }

  close(): void {
    this.#closed = true;
    this.#cancelFrame?.();
    clearTimeout(this.#quiet);
    this.#watch.stop();
  }

  async #start(): Promise<void> {
    try {
      this.#newest = (await this.#readAt(0))?.modRevision ?? 0;
      if (!this.#closed) this.#watch.start();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #readAt(revision: number): Promise<KeyRecord | undefined> {
    const { kvs } = await this.#connection.clients.kv.range({ key: this.#key, revision: BigInt(revision) });
    return kvs[0] === undefined ? undefined : recordOf(kvs[0]);
  }

  #onWatch(): void {
    const { phase, error, compactRevision } = this.#watch.state.value;
    if (this.#closed) return;
    if (phase === "compacted") void this.#startAfter(compactRevision);
    else if (phase === "failed") this.#fail(error);
    else if (phase === "rewound") void this.#startAfter(0);
  }

  /** The version that a compaction left, then what came after it. */
  async #startAfter(compactRevision: number): Promise<void> {
    try {
      const record = compactRevision === 0 ? undefined : await this.#readAt(compactRevision);
      if (this.#closed) return;
      this.#entries.length = 0;
      this.#keptBytes = 0;
      this.#compactRevision = compactRevision;
      if (record !== undefined) this.#add("put", record);
      this.#schedule();
      this.#watch.restart(compactRevision + 1);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(events: readonly Event[]): void {
    for (const { type, kv } of events) {
      if (kv !== undefined) this.#add(type === Event_EventType.DELETE ? "delete" : "put", recordOf(kv));
    }
    this.#wait();
    this.#schedule();
  }

  #add(type: "put" | "delete", record: KeyRecord): void {
    const { createRevision, modRevision, version, lease, value } = record;
    const isKept = type === "put" && this.#keptBytes + value.length <= KEPT_BYTES;
    if (isKept) this.#keptBytes += value.length;
    this.#entries.push({
      type,
      revision: modRevision,
      createRevision,
      version,
      lease,
      sizeBytes: value.length,
      value: isKept ? value : undefined,
    });
    if (this.#newest !== undefined && this.#newest > 0 && modRevision >= this.#newest) this.#isComplete = true;
  }

  /** No event says that it is the last one of a key that is gone: silence has to. */
  #wait(): void {
    clearTimeout(this.#quiet);
    if (this.#isComplete) return;
    this.#quiet = setTimeout(() => {
      this.#isComplete = true;
      this.#schedule();
    }, QUIET_MS);
  }

  #schedule(): void {
    this.#cancelFrame ??= nextFrame(() => {
      this.#cancelFrame = undefined;
      if (this.#closed) return;
      this.state.set({
        phase: this.#isComplete ? "complete" : "reading",
        entries: this.#entries,
        count: this.#entries.length,
        compactRevision: this.#compactRevision,
        error: undefined,
      });
    });
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    const message = error instanceof Error ? error.message : String(error);
    this.state.set({ ...this.state.value, phase: "failed", error: message });
  }
}
