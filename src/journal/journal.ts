import type { ChangeBatch } from "./batch.ts";
import type { Bucket, Change, Row } from "./rows.ts";

/**
 * What durable storage must do to keep an etcd; it writes either all or nothing. test/journal/contract.ts is this page
 * as a test, for every storage.
 */
export interface Journal {
  /** What it is, in one word, for people: "memory", "indexeddb", "sqlite". */
  readonly kind: string;

  /**
   * The rows of a bucket in the byte order of their keys, in batches of any size but none empty, all of them as
   * they were when the first was asked for. Asked for while nothing is being written.
   */
  rows(bucket: Bucket): AsyncIterable<readonly Row[]>;

  /**
   * Makes changes, in their order: of two of the same row the later counts. All of them happen or none does,
   * also when the machine stops in the middle; the promise settles when they will outlast that.
   *
   * It may be called again before the last call has settled: what is durable is then always what a number of
   * calls, from the first on, have written. After a write that was rejected every later one is.
   *
   * The bytes are the journal's to keep: each array is alone in its buffer, and nobody changes it.
   */
  write(changes: readonly Change[]): Promise<void>;

  /** As `write`; there for a storage that takes changes as pieces of memory rather than one by one. */
  writeBatch?(changes: ChangeBatch): Promise<void>;

  /** Waits for writes under way, then lets the storage go; what is called afterwards is rejected. Again: no effect. */
  close(): Promise<void>;
}

/** A storage that cannot be read as what it should be: rows that make no sense, or of a version to come. */
export class JournalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "JournalError";
  }
}
