/** The journal in IndexedDB, in a worker of its own, whose sudden end is the crash of the contract. */
import type { Bucket, Change, Journal, Row } from "../../../src/journal/index.ts";
import { journalContract } from "../../journal/contract.ts";
import type { JournalCall, JournalReply } from "./support/journal-worker.ts";

class WorkerJournal implements Journal {
  readonly kind = "indexeddb";
  readonly #worker = new Worker(new URL("./support/journal-worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, (reply: JournalReply) => void>();
  #lastId = 0;

  static async open(database: string): Promise<WorkerJournal> {
    const journal = new WorkerJournal();
    journal.#worker.addEventListener("message", ({ data }: MessageEvent<JournalReply>) => {
      journal.#waiting.get(data.id)?.(data);
      journal.#waiting.delete(data.id);
    });
    await journal.#call({ name: "open", database });
    return journal;
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    yield* (await this.#call({ name: "rows", bucket })) ?? [];
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#call({ name: "write", changes });
  }

  async close(): Promise<void> {
    await this.#call({ name: "close" });
  }

  crash(): void {
    this.#worker.terminate();
  }

  async #call(call: JournalCall): Promise<JournalReply["value"]> {
    const id = ++this.#lastId;
    const reply = await new Promise<JournalReply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, ...call });
    });
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.value;
  }
}

let places = 0;

journalContract("indexeddb", async () => {
  const database = `contract-${places++}`;
  const journals: WorkerJournal[] = [];
  return {
    open: async () => {
      const journal = await WorkerJournal.open(database);
      journals.push(journal);
      return journal;
    },
    crash: async () => journals.at(-1)?.crash(),
    dispose: async () => {
      for (const journal of journals) journal.crash();
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(`etcdlite/${database}`);
        request.onsuccess = resolve;
        request.onerror = () => reject(request.error);
      });
    },
  };
});
