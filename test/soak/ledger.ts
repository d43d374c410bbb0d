/** What was asked and answered, by revision, until it has been asked of the other etcd too. */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Clients } from "../crash/clients.ts";
import type { Faults } from "./faults.ts";

/** A call that was answered, and how it is made once more. */
export interface Answered {
  readonly name: string;
  readonly replay: (clients: Clients) => Promise<Message>;
  /** What the reply must be but for its header; undefined where it need not be the same. */
  readonly expected: { readonly schema: DescMessage; readonly reply: Message } | undefined;
  /** What the store was compacted to, where the reply tells. */
  readonly compactRevision?: bigint;
}

/** Less than what a store tells that was never compacted. */
const UNTOLD = -2n;

export class Ledger {
  readonly #faults: Faults;
  #counter = 0;
  /** In the order in which they were begun. */
  readonly #open = new Set<number>();
  readonly #writes = new Map<number, Answered>();
  /** Told whenever a call is over. */
  onEnd: (() => void) | undefined;
  readonly #others = new Map<number, Answered[]>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** Calls begun later have higher numbers. */
  now(): number {
    return this.#counter;
  }

  /** Makes a call, and notes what it was answered: before that is done too, the call is not over. */
  async during(call: () => Promise<void>): Promise<void> {
    const number = ++this.#counter;
    this.#open.add(number);
    try {
      await call();
    } finally {
      this.#open.delete(number);
      this.onEnd?.();
    }
  }

  /** The number of the oldest call that is not over; Infinity for none. */
  get oldestOpen(): number {
    for (const call of this.#open) return call;
    return Number.POSITIVE_INFINITY;
  }

  /** A call that made a revision. */
  wrote(revision: number, call: Answered): void {
    if (this.#writes.has(revision)) this.#faults.add("two writes got one revision", revision);
    this.#writes.set(revision, call);
  }

  /** A call that made none, at that revision. */
  noted(revision: number, call: Answered): void {
    const calls = this.#others.get(revision);
    if (calls === undefined) this.#others.set(revision, [call]);
    else calls.push(call);
  }

  takeWrite(revision: number): Answered | undefined {
    const call = this.#writes.get(revision);
    this.#writes.delete(revision);
    return call;
  }

  /**
   * What was answered at a revision without making one, in an order in which it can be asked again: as it was answered,
   * so that what waited for another call comes after it; and last, the one that goes the furthest at the end, what tells
   * of a compaction. Of two calls on different connections nobody knows which the server had first, but a read that it
   * answered is answered the same before a compaction, and not after it.
   */
  takeOthers(revision: number): readonly Answered[] {
    const calls = this.#others.get(revision) ?? [];
    this.#others.delete(revision);
    const compactedTo = ({ compactRevision = UNTOLD }: Answered): bigint => compactRevision;
    return calls.toSorted((one, other) => Number(compactedTo(one) - compactedTo(other)));
  }

  /** Writes that were acknowledged and never seen. */
  get left(): number {
    return this.#writes.size;
  }
}
