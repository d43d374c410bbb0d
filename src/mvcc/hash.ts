import { crc32c } from "./crc32c.ts";
import type { Entry } from "./entry.ts";
import { RecordEncoder } from "./record.ts";
import type { RevisionLog } from "./revlog.ts";

/** The answer of HashKV (rule MA4): two stores with the same history give the same numbers. */
export interface KeyValueHash {
  /** CRC-32C, unsigned. */
  readonly hash: number;
  /** Where the hash begins: entries at or under it count only if they are still visible. */
  readonly compactRevision: number;
  /** The last revision hashed. */
  readonly revision: number;
}

const BUCKET_NAME = new Uint8Array([0x6b, 0x65, 0x79]);

/**
 * Hashes the log up to `revision`.
 *
 * @param keep the entries that compaction at `revision` would leave of those at or under it. Older ones are
 *   left out so that a member that has not yet dropped them gives the same hash; where nothing is kept,
 *   etcd leaves nothing out.
 */
export function hashLog(
  log: RevisionLog,
  compactRevision: number,
  revision: number,
  keep: ReadonlySet<Entry>,
): KeyValueHash {
  const encoder = new RecordEncoder();
  let crc = crc32c(0, BUCKET_NAME);
  log.ascend(0, (entry) => {
    if (entry.modRevision > revision) return false;
    if (entry.modRevision <= compactRevision && keep.size > 0 && !keep.has(entry)) return true;
    if (entry.modRevision === compactRevision && entry.tombstone) return true;
    const length = encoder.encode(entry);
    crc = crc32c(crc, encoder.bytes, length);
    return true;
  });
  return { hash: crc, compactRevision, revision };
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
