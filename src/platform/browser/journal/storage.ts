/** Where a store is kept, and in memory where it cannot be. */
import type { Journal } from "../../../journal/index.ts";
import type { BucketRows } from "../file/export.ts";
import { type OwnerInfo, type Persistence, randomName } from "../names.ts";
import { DegradingJournal } from "./degrading.ts";
import { type About, IndexedDbJournal, openDatabase, replaceRows, updateAbout } from "./indexeddb.ts";
import { VolatileJournal } from "./volatile.ts";

export interface StorageOptions {
  /** The store's; undefined for one that is not to be kept. */
  readonly name: string | undefined;
  /** The last owner that was heard of. */
  readonly previous: OwnerInfo | undefined;
  /** To put in place of what is kept. */
  readonly replacement?: readonly BucketRows[];
  /** What is written from now on is in memory only. */
  readonly onDegraded: (notice: string) => void;
}

export interface Storage {
  readonly journal: Journal;
  readonly persistence: Persistence;
  readonly notice?: string;
  readonly about: About;
}

/** Opens what the browser keeps; it never fails for want of that, unless there is a replacement to be kept. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (options.name === undefined) return volatileStorage(options);
  let db: IDBDatabase;
  try {
    db = await openDatabase(options.name);
  } catch (error) {
    return volatileStorage(options, `the browser does not let this page keep data (${reasonOf(error)})`);
  }
  try {
    return await keptStorage(db, options);
  } catch (error) {
    db.close();
    if (options.replacement !== undefined) throw error;
    return volatileStorage(options, `what the browser keeps cannot be written (${reasonOf(error)})`);
  }
}

/** @param reason why it is not kept, if it was meant to be */
export function volatileStorage({ previous, replacement }: StorageOptions, reason?: string): Storage {
  const notices: string[] = [];
  if (reason !== undefined) notices.push(`The store is in memory only: ${reason}.`);
  if (previous?.persistence === "memory" && replacement === undefined) {
    notices.push("What it held before was lost with the tab that ran it.");
  }
  return {
    journal: new VolatileJournal(replacement),
    persistence: "memory",
    notice: notices.length === 0 ? undefined : notices.join(" "),
    about: { epoch: (previous?.epoch ?? 0) + 1, history: randomName() },
  };
}

async function keptStorage(db: IDBDatabase, options: StorageOptions): Promise<Storage> {
  const { previous, replacement, onDegraded } = options;
  // What an owner had in memory only is not what is kept.
  const isBehind = replacement === undefined && previous?.persistence === "memory";
  const about = await updateAbout(db, (about) => ({
    epoch: Math.max(about?.epoch ?? 0, previous?.epoch ?? 0) + 1,
    history: about === undefined || isBehind || replacement !== undefined ? randomName() : about.history,
  }));
  if (replacement !== undefined) await replaceRows(db, replacement, about);
  const journal = new DegradingJournal(new IndexedDbJournal(db), (error) => {
    onDegraded(`From now on the store is in memory only: ${writeFailure(error)}.`);
  });
  const notice = isBehind ? "What was written while the store was in memory only is lost." : undefined;
  return { journal, persistence: "indexeddb", notice, about };
}

function writeFailure(error: unknown): string {
  if (error instanceof DOMException && error.name === "QuotaExceededError") return "the browser's storage is full";
  return `the browser could not write (${reasonOf(error)})`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
