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
}

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

  begin(): number {
    this.#counter++;
    this.#open.add(this.#counter);
    return this.#counter;
  }

  end(call: number): void {
    this.#open.delete(call);
    this.onEnd?.();
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

  takeOthers(revision: number): readonly Answered[] {
    const calls = this.#others.get(revision) ?? [];
    this.#others.delete(revision);
    return calls;
  }

  /** Writes that were acknowledged and never seen. */
  get left(): number {
    return this.#writes.size;
  }
}
