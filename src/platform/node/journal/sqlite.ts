/** The journal in a data dir: SQLite in a thread of its own, so that nobody waits for the disk but who must. */
import { Worker } from "node:worker_threads";
import { type Bucket, type Change, ChangeBatch, type Journal, JournalError, type Row } from "../../../journal/index.ts";
import type { DatabaseOptions } from "./database.ts";
import { unpackRows } from "./packing.ts";
import type { Reply, Request } from "./worker.ts";

const WORKER_URL = new URL(import.meta.url.replace(/sqlite(\.[jt]s)$/, "worker$1"));
/** Node says that its SQLite may change; what is used of it is held by tests. Deno does not know the flag. */
const WITHOUT_WARNING = "deno" in process.versions ? [] : ["--disable-warning=ExperimentalWarning"];

interface Waiting {
  resolve(packed: Uint8Array | undefined): void;
  reject(error: Error): void;
}

export class SqliteJournal implements Journal {
  readonly kind = "sqlite";
  readonly #worker: Worker;
  /** By whom the replies are awaited, in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: DatabaseOptions) {
    this.#worker = new Worker(WORKER_URL, { workerData: options, execArgv: WITHOUT_WARNING });
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error: unknown) => this.#end(asError(error)));
    this.#worker.on("exit", () => this.#end(new Error("the thread of the data dir has ended")));
  }

  /** @throws JournalError where another has the data dir, or what it holds is damaged or of a later etcdlite */
  static async open(options: DatabaseOptions): Promise<SqliteJournal> {
    const journal = new SqliteJournal(options);
    try {
      await journal.#reply();
      return journal;
    } catch (error) {
      await journal.#worker.terminate();
      throw error;
    }
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    this.#check();
    let next = this.#ask({ kind: "rows", bucket, after: undefined });
    for (;;) {
      const packed = await next;
      if (packed === undefined) return;
      const rows = unpackRows(packed);
      // The next are on their way while these are made use of.
      next = this.#ask({ kind: "rows", bucket, after: rows.at(-1)?.key });
      // Whoever stops early does not want to know what became of them.
      next.catch(() => {});
      yield rows;
      this.#check();
    }
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.writeBatch(ChangeBatch.of(changes));
  }

  async writeBatch({ parts }: ChangeBatch): Promise<void> {
    this.#check();
    const buffers = parts.map(({ buffer }) => buffer);
    try {
      await this.#ask({ kind: "write", parts }, buffers);
    } catch (error) {
      this.#failure ??= asError(error);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      // What failed has been said; there is nothing left that closing could save.
      await this.#ask({ kind: "close" }).catch(() => {});
      await this.#worker.terminate();
    })();
    return this.#closing;
  }

  #check(): void {
    if (this.#closing !== undefined) throw new Error("the journal is closed");
    if (this.#failure !== undefined) throw this.#failure;
  }

  #ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Uint8Array | undefined> {
    const reply = this.#reply();
    this.#worker.postMessage(request, transfer);
    return reply;
  }

  #reply(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.shift();
    if ("packed" in reply) {
      waiting?.resolve(reply.packed);
      return;
    }
    const { name, message } = reply.failure;
    waiting?.reject(name === "JournalError" ? new JournalError(message) : new Error(message));
  }

  #end(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
