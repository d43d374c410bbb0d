/**
 * The journal in IndexedDB: an object store for each bucket, rows by their keys' bytes, which IndexedDB orders
 * as the journal wants them, and values as bare ArrayBuffers, which it reads back in half the time that arrays
 * take. Beside them one record of our own: what history it is of, and how many owners it had.
 */
import { BUCKETS, type Bucket, type Change, type Journal, type Row } from "../../../journal/index.ts";
import type { BucketRows } from "../file/export.ts";

const ABOUT_STORE = "about";
const ABOUT_KEY = "store";
/** Goes up with new buckets. */
const VERSION = 2;
const BATCH_ROWS = 10_000;

/** About a store as a whole. */
export interface About {
  /** Goes up with every owner, and with every change of the whole content. */
  readonly epoch: number;
  readonly history: string;
}

/** What a newer browser has in one request for what takes two: keys with their values. */
interface WithRecords {
  getAllRecords?(options: { query: IDBKeyRange | null; count: number }): IDBRequest<RawRow[]>;
}

interface RawRow {
  readonly key: ArrayBuffer;
  readonly value: ArrayBuffer;
}

export async function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`etcdlite/${name}`, VERSION);
  request.onupgradeneeded = () => {
    const db = request.result;
    for (const bucket of [...BUCKETS, ABOUT_STORE]) {
      if (!db.objectStoreNames.contains(bucket)) db.createObjectStore(bucket);
    }
  };
  return await settled(request);
}

/** Changes what is said about a store; undefined for one that is new. */
export async function updateAbout(db: IDBDatabase, change: (about: About | undefined) => About): Promise<About> {
  const store = db.transaction(ABOUT_STORE).objectStore(ABOUT_STORE);
  // Only the store's one owner changes it, so nothing comes in between.
  const about = change((await settled(store.get(ABOUT_KEY))) as About | undefined);
  await write(db, [ABOUT_STORE], (transaction) => transaction.objectStore(ABOUT_STORE).put(about, ABOUT_KEY));
  return about;
}

/** Puts other rows in place of all there are, or leaves everything as it is. */
export async function replaceRows(db: IDBDatabase, parts: readonly BucketRows[], about: About): Promise<void> {
  await write(db, [...BUCKETS, ABOUT_STORE], (transaction) => {
    for (const bucket of BUCKETS) transaction.objectStore(bucket).clear();
    for (const { bucket, rows } of parts) {
      const store = transaction.objectStore(bucket);
      for (const { key, value } of rows) store.put(value.buffer, key as BufferSource);
    }
    transaction.objectStore(ABOUT_STORE).put(about, ABOUT_KEY);
  });
}

/** Writes that are asked for while one is under way go together as the next: one commit for all of them. */
export class IndexedDbJournal implements Journal {
  readonly kind = "indexeddb";
  readonly #db: IDBDatabase;
  #waiting: Array<{ readonly changes: readonly Change[]; settle(error?: unknown): void }> = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<void> | undefined;

  constructor(db: IDBDatabase) {
    this.#db = db;
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    this.#check();
    let next = readBatch(this.#db, bucket, undefined);
    for (;;) {
      const batch = await next;
      const last = batch.at(-1);
      if (last === undefined) return;
      // The next batch is on its way while this one is made use of.
      if (batch.length === BATCH_ROWS) next = readBatch(this.#db, bucket, last.key);
      next.catch(() => {});
      yield batch;
      if (batch.length < BATCH_ROWS) return;
      this.#check();
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#check();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ changes, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      this.#writing ??= this.#writeAll();
    });
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#writing;
      this.#db.close();
    })();
    return this.#closed;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure.error;
        await this.#commit(group.flatMap(({ changes }) => changes));
        for (const { settle } of group) settle();
      } catch (error) {
        this.#failure ??= { error };
        for (const { settle } of group) settle(error);
      }
    }
    this.#writing = undefined;
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const buckets = new Set(changes.map(({ bucket }) => bucket));
    await write(this.#db, [...buckets], (transaction) => {
      for (const { bucket, key, value } of changes) {
        const store = transaction.objectStore(bucket);
        if (value === undefined) store.delete(key as BufferSource);
        else store.put(value.buffer, key as BufferSource);
      }
    });
  }

  #check(): void {
    if (this.#closed !== undefined) throw new Error("the journal is closed");
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/**
 * All of the changes or none. Strict: it settles only when the operating system was told to put them on the disk.
 */
async function write(db: IDBDatabase, stores: string[], change: (transaction: IDBTransaction) => void): Promise<void> {
  const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("it was rolled back", "AbortError"));
  });
  try {
    change(transaction);
    transaction.commit();
  } catch (error) {
    done.catch(() => {});
    transaction.abort();
    throw error;
  }
  await done;
}

async function readBatch(db: IDBDatabase, bucket: Bucket, after: Uint8Array | undefined): Promise<Row[]> {
  const store: IDBObjectStore & WithRecords = db.transaction(bucket).objectStore(bucket);
  const query = after === undefined ? null : IDBKeyRange.lowerBound(after, true);
  if (store.getAllRecords !== undefined) {
    const records = await settled(store.getAllRecords({ query, count: BATCH_ROWS }));
    return records.map(({ key, value }) => ({ key: new Uint8Array(key), value: new Uint8Array(value) }));
  }
  const [keys, values] = await Promise.all([
    settled(store.getAllKeys(query, BATCH_ROWS)),
    settled(store.getAll(query, BATCH_ROWS)),
  ]);
  return keys.map((key, at) => ({ key: new Uint8Array(key as ArrayBuffer), value: new Uint8Array(values[at]) }));
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
