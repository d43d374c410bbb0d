/**
 * When to compact by itself, and to which revision (rule CO3). Asked every `intervalMs`; the answer is the
 * revision to compact to, undefined for not now. The same is answered again until it is said to be `done`.
 */
export interface AutoCompactor {
  readonly intervalMs: number;
  tick(nowMs: number, revision: number): number | undefined;
  done(nowMs: number, revision: number): void;
}

const REVISION_INTERVAL_MS = 5 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** Samples of the revision taken for each compaction by time. */
const SAMPLES = 10;

/** Keeps the newest `retention` revisions; looks every five minutes. */
export class RevisionCompactor implements AutoCompactor {
  readonly intervalMs = REVISION_INTERVAL_MS;
  readonly #retention: number;
  #compacted = 0;

  constructor(retention: number) {
    this.#retention = retention;
  }

  tick(_nowMs: number, revision: number): number | undefined {
    const target = revision - this.#retention;
    return target <= 0 || target === this.#compacted ? undefined : target;
  }

  done(_nowMs: number, revision: number): void {
    this.#compacted = revision;
  }
}

/**
 * Keeps what was written in the last `retentionMs`: notes the revision ten times a compaction interval (the
 * retention, at most an hour) and compacts to the oldest note that is still within the retention.
 */
export class PeriodicCompactor implements AutoCompactor {
  readonly intervalMs: number;
  readonly #compactEveryMs: number;
  readonly #notesKept: number;
  #notes: number[];
  #waitMs: number;
  #lastMs: number;
  #compacted = 0;

  constructor(retentionMs: number, nowMs: number, revision: number) {
    this.#compactEveryMs = Math.min(retentionMs, HOUR_MS);
    this.intervalMs = this.#compactEveryMs / SAMPLES;
    this.#notesKept = Math.floor(retentionMs / this.intervalMs) + 1;
    this.#notes = [revision];
    this.#waitMs = retentionMs;
    this.#lastMs = nowMs;
  }

  tick(nowMs: number, revision: number): number | undefined {
    const target = this.#notes[0] as number;
    this.#notes.push(revision);
    if (this.#notes.length > this.#notesKept) this.#notes.shift();
    if (nowMs - this.#lastMs < this.#waitMs || target === this.#compacted) return undefined;
    this.#waitMs = this.#compactEveryMs;
    return target;
  }

  done(nowMs: number, revision: number): void {
    this.#lastMs = nowMs;
    this.#compacted = revision;
  }
}
