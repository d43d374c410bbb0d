import { crc32c } from "./crc32c.ts";
import { MAX_ROW_KEY_BYTES } from "./record.ts";
import type { LogView } from "./revlog.ts";
import type { Segment } from "./segment.ts";

/** The answer of HashKV (rule MA4): two stores with the same history give the same numbers. */
export interface KeyValueHash {
  /** CRC-32C, unsigned. */
  readonly hash: number;
  /** Where the hash begins: entries at or under it count only if they are still visible. */
  readonly compactRevision: number;
  /** The last revision hashed. */
  readonly revision: number;
}

export interface HashScope {
  readonly compactRevision: number;
  readonly revision: number;
  /** The first slot after that revision. */
  readonly end: number;
  /** Whether a tombstone of `revision` itself is kept, as a compaction at it would. */
  readonly keepsTombstone: boolean;
}

const BUCKET_NAME = new Uint8Array([0x6b, 0x65, 0x79]);

/**
 * Hashes a log up to a revision. Entries that are compacted already, or could be, are left out if compaction at
 * that revision would drop them, so that a member that has not yet dropped them gives the same hash; where nothing
 * is kept, etcd leaves nothing out.
 */
export class LogHasher {
  readonly #scope: HashScope;
  readonly #leavesOut: boolean;
  readonly #rowKey = new Uint8Array(MAX_ROW_KEY_BYTES);
  #crc = crc32c(0, BUCKET_NAME);

  /** @param hasKept what `hasKept` says of the log and the scope */
  constructor(scope: HashScope, hasKept: boolean) {
    this.#scope = scope;
    this.#leavesOut = hasKept;
  }

  /** Takes the first `count` rows of the next segment; false where there is no need of another. */
  add(segment: Segment, count: number): boolean {
    const { compactRevision, revision } = this.#scope;
    const hash = (bytes: Uint8Array, start: number, end: number): void => {
      this.#crc = crc32c(this.#crc, bytes, start, end);
    };
    for (let row = 0; row < count; row++) {
      const own = segment.revision(row);
      if (own > revision) return false;
      if (own <= compactRevision && this.#leavesOut && !isKept(segment, row, this.#scope)) continue;
      if (own === compactRevision && segment.isTombstone(row)) continue;
      hash(this.#rowKey, 0, segment.writeRowKey(row, this.#rowKey));
      segment.withValue(row, hash);
    }
    return true;
  }

  get result(): KeyValueHash {
    const { compactRevision, revision } = this.#scope;
    return { hash: this.#crc, compactRevision, revision };
  }
}

/** Segments in which nothing is kept that are looked through in a step: only numbers are read. */
const SEGMENTS_PER_STEP = 32;

/** Whether anything of a log is kept, segment by segment: nearly always the first tells. */
export function* hasKept(view: LogView, scope: HashScope): Generator<void, boolean> {
  for (const [number, segment] of view.segments.entries()) {
    const count = view.countOf(number);
    for (let row = 0; row < count; row++) if (isKept(segment, row, scope)) return true;
    if (number % SEGMENTS_PER_STEP === SEGMENTS_PER_STEP - 1) yield;
  }
  return false;
}

/**
 * The hash of a log, segment by segment.
 *
 * @param stored the answer, where it is known
 */
export function* hashing(view: LogView, scope: HashScope, stored?: KeyValueHash): Generator<void, KeyValueHash> {
  if (stored !== undefined) return stored;
  const hasher = new LogHasher(scope, yield* hasKept(view, scope));
  for (const [number, segment] of view.segments.entries()) {
    if (!hasher.add(segment, view.countOf(number))) break;
    yield;
  }
  return hasher.result;
}

function isKept(segment: Segment, row: number, { revision, end, keepsTombstone }: HashScope): boolean {
  if (!segment.isNewestBefore(row, end)) return false;
  return !segment.isTombstone(row) || (keepsTombstone && segment.revision(row) === revision);
}

const MAX_STORED_HASHES = 10;

/** The hashes that the newest compactions computed of what they were about to drop, oldest revision first. */
export class CompactionHashes {
  #hashes: readonly KeyValueHash[];

  constructor(hashes: readonly KeyValueHash[] = []) {
    this.#hashes = hashes;
  }

  list(): readonly KeyValueHash[] {
    return this.#hashes;
  }

  find(revision: number): KeyValueHash | undefined {
    return this.#hashes.find((hash) => hash.revision === revision);
  }

  store(hash: KeyValueHash): void {
    this.#hashes = [...this.#hashes, hash].sort((a, b) => a.revision - b.revision).slice(-MAX_STORED_HASHES);
  }
}
