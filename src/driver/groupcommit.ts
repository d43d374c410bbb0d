import { EtcdError, etcdError, Status } from "../errors.ts";
import type { ChangeBatch, Journal } from "../journal/index.ts";
import { nextTurn } from "../rpc/index.ts";

/** What there is to write: the server's Recorder, told what it needs to know. */
export interface ChangeSource {
  readonly hasChanges: boolean;
  /** All that is to be written next, as one write; `written` is called when it is durable, before anybody is answered. */
  take(): { readonly changes: ChangeBatch; written(): void };
}

/** Told of the write that failed, and of the error that all calls end with from now on. */
type FailureListener = (error: unknown, end: EtcdError) => void;

/**
 * Writes what was applied, one write at a time; while one is under way the next one gathers:
 *
 *     applied    a b        c d e           f
 *     written      [ a b   ]  [ c d e      ]  [ f   ]
 *     answered              a b             c d e    f
 *
 * A write that fails is the last one. What was applied and is not durable will never be, so nothing may be
 * answered that could come of it: all that waits fails, and all that comes.
 */
export class GroupCommit {
  readonly #journal: Journal;
  readonly #source: ChangeSource;
  readonly #onFailure: FailureListener;
  readonly #waiting = new Set<(reason: Error) => void>();
  /** What was applied and is in no write yet. */
  #gathering: Batch | undefined;
  /** What is being written; undefined too while only rows are deleted that nobody waits for. */
  #writing: Batch | undefined;
  #running: Promise<void> | undefined;
  #closing = false;
  #end: EtcdError | undefined;

  constructor(journal: Journal, source: ChangeSource, onFailure: FailureListener) {
    this.#journal = journal;
    this.#source = source;
    this.#onFailure = onFailure;
  }

  /** Something was applied: it is written when the step that did it is over, or after the write under way. */
  applied(): void {
    this.#gathering ??= new Batch();
    this.#running ??= this.#run();
  }

  /** @throws EtcdError UNAVAILABLE once nothing can be answered any more */
  check(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /**
   * Settles when all that was applied until now is durable; undefined where it is already.
   * @throws EtcdError as `check`, or by the promise
   */
  pending(): Promise<void> | undefined {
    this.check();
    return (this.#gathering ?? this.#writing)?.done;
  }

  /** As the promise given, unless the end comes first, for which nothing may wait. */
  unlessEnded<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        promise.catch(() => {});
        return;
      }
      this.#waiting.add(reject);
      const settled = (settle: () => void): void => {
        this.#waiting.delete(reject);
        settle();
      };
      promise.then(
        (value) => settled(() => resolve(value)),
        (error: unknown) => settled(() => reject(error)),
      );
    });
  }

  /** Calls back when the end comes, for which nothing may wait; once, unless it is to be forgotten. */
  whenEnded(callback: () => void): void {
    this.#waiting.add(callback);
  }

  forget(callback: () => void): void {
    this.#waiting.delete(callback);
  }

  /** Writes what is left, then ends all that waits; what nobody waits for is left for the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#end !== undefined) return;
    await this.#running;
    if (this.#end !== undefined) throw this.#end;
    this.#finish(etcdError("stopped"));
  }

  async #run(): Promise<void> {
    // A step may have several effects, and the first one calls this.
    await undefined;
    while (this.#gathering !== undefined || (this.#source.hasChanges && !this.#closing)) {
      const batch = this.#gathering;
      this.#gathering = undefined;
      this.#writing = batch;
      try {
        const { changes, written } = this.#source.take();
        await this.#write(changes);
        written();
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#writing = undefined;
      batch?.resolve();
      // There may be many such writes, and a journal that is done at once would let nobody else have a turn.
      if (batch === undefined) await nextTurn();
    }
    this.#running = undefined;
  }

  #write(changes: ChangeBatch): Promise<void> {
    return this.#journal.writeBatch?.(changes) ?? this.#journal.write([...changes]);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const end = new EtcdError(Status.UNAVAILABLE, `etcdlite: the storage failed, so nothing is kept: ${reason}`);
    this.#finish(end);
    this.#onFailure(error, end);
  }

  #finish(end: EtcdError): void {
    this.#end = end;
    this.#writing?.reject(end);
    this.#gathering?.reject(end);
    for (const reject of this.#waiting) reject(end);
    this.#waiting.clear();
  }
}

/** What goes into one write, and those who wait for it. */
class Batch {
  readonly done: Promise<void>;
  resolve: () => void = () => {};
  reject: (reason: Error) => void = () => {};

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // That nobody waits is no fault.
    this.done.catch(() => {});
  }
}
