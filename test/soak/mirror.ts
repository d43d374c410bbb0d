/**
 * A real etcd that is asked the same, in the order of the revisions, as the load goes on: every write that was
 * answered, between two of them every read that was answered there, and where nobody knows of a call (a lease that
 * ended, a client that was cut off) what the watch of everything has seen, as one txn. Each reply must be the same. It is
 * compacted where a reply tells that the server was, after all that was answered before.
 */

import { create, equals, type Message } from "@bufbuild/protobuf";
import type { ResponseHeader } from "../../src/gen/etcdserverpb/header_pb.ts";
import { RequestOpSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { bytes, type Clients } from "../crash/clients.ts";
import type { Faults } from "./faults.ts";
import type { Change, Revision } from "./history.ts";
import type { Answered, Ledger } from "./ledger.ts";

/** The name of the call that compares all there is. */
export const HASH = "HashKV";

export class Mirror {
  /** Replies that were compared, and the same. */
  same = 0;
  /** How often that was the hash of all keys. */
  hashes = 0;
  readonly #clients: Clients;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #queue: Revision[] = [];
  #applied = 1;
  #compacted = -1n;
  #closing = false;
  #wake: () => void = () => {};

  constructor(clients: Clients, ledger: Ledger, faults: Faults) {
    this.#clients = clients;
    this.#ledger = ledger;
    this.#faults = faults;
    ledger.onEnd = () => this.#wake();
  }

  get applied(): number {
    return this.#applied;
  }

  push(revision: Revision): void {
    this.#queue.push(revision);
    this.#wake();
  }

  /** Settles when all that was pushed until `close` has been done once more, or the two differ for good. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const revision = this.#queue[0];
        if (revision === undefined && this.#closing) {
          await this.#replayOthers();
          return;
        }
        // Until then a write of this revision may still be answered, and a read of the one before.
        if (revision === undefined || this.#ledger.oldestOpen <= revision.seenAt) {
          await this.#woken();
          continue;
        }
        await this.#replayOthers();
        await this.#apply(revision);
        this.#queue.shift();
      }
    } catch (error) {
      this.#faults.add("the other etcd could not be asked the same", error);
    }
  }

  /** No call is under way any more, and all revisions have been pushed. */
  close(): void {
    this.#closing = true;
    this.#wake();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #apply({ number, changes }: Revision): Promise<void> {
    const call = this.#ledger.takeWrite(number);
    const reply = call === undefined ? await this.#redo(changes) : await this.#replay(call);
    const got = Number(reply.header?.revision ?? 0n);
    if (got !== number)
      throw new Error(`${call?.name ?? "an unknown call"} made revision ${number} there, ${got} here`);
    this.#applied = number;
  }

  async #replayOthers(): Promise<void> {
    for (const call of this.#ledger.takeOthers(this.#applied)) {
      if (call.compactRevision !== undefined) await this.#compact(call.compactRevision);
      await this.#replay(call);
    }
  }

  async #compact(revision: bigint): Promise<void> {
    if (revision <= this.#compacted) return;
    await this.#clients.kv.compact({ revision, physical: true });
    this.#compacted = revision;
  }

  async #replay({ name, replay, expected }: Answered): Promise<WithHeader> {
    const reply: WithHeader = await replay(this.#clients);
    if (expected !== undefined) {
      const { header } = reply;
      const theirs = withoutHeader(reply);
      if (equals(expected.schema, theirs, withoutHeader(expected.reply))) this.#count(name);
      else this.#faults.add(`${name} is answered otherwise by a real etcd`, `at revision ${header?.revision}`);
      return { ...theirs, header };
    }
    return reply;
  }

  #count(name: string): void {
    this.same++;
    if (name === HASH) this.hashes++;
  }

  #redo(changes: readonly Change[]): Promise<WithHeader> {
    const success = changes.map(({ key, isDelete, value, lease }) => {
      const named = { key: bytes(key) };
      return create(RequestOpSchema, {
        request: isDelete
          ? { case: "requestDeleteRange", value: named }
          : { case: "requestPut", value: { ...named, value, lease } },
      });
    });
    return this.#clients.kv.txn({ success });
  }
}

type WithHeader = Message & { header?: ResponseHeader | undefined };

/** Whose it is differs; the revision in it is looked at elsewhere. */
function withoutHeader(reply: WithHeader): Message {
  return { ...reply, header: undefined } as Message;
}
