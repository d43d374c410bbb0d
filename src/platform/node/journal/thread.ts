/** The thread that has a data dir's database, from outside. */
import type { Worker } from "node:worker_threads";
import { JournalError } from "../../../journal/index.ts";
import type { DatabaseOptions } from "./database.ts";
import { takeThread } from "./start-thread.ts";
import type { Reply, Request } from "./worker.ts";

type Value = Extract<Reply, { value: unknown }>["value"];
type Answered = Exclude<Request, { kind: "apply" }>;

interface Waiting {
  resolve(value: Value): void;
  reject(error: Error): void;
}

export class DatabaseThread {
  readonly #worker: Worker = takeThread();
  /** By whom the replies are awaited, in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  #end: Error | undefined;

  private constructor(options: DatabaseOptions) {
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error: unknown) => this.#fail(asError(error)));
    this.#worker.on("exit", () => this.#fail(new Error("the thread of the data dir has ended")));
    this.#worker.postMessage(options);
  }

  /** And how many writes the database has had. @throws JournalError as `Database.open` */
  static async open(options: DatabaseOptions): Promise<{ thread: DatabaseThread; commits: number }> {
    const thread = new DatabaseThread(options);
    try {
      return { thread, commits: Number(await thread.#reply()) };
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }

  /** Why there is no thread any more. */
  get end(): Error | undefined {
    return this.#end;
  }

  ask(request: Answered): Promise<Value> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#worker.postMessage(request);
    return this.#reply();
  }

  /** That this has failed is told by what is asked next. */
  apply(parts: readonly Uint8Array<ArrayBuffer>[], commits: number): void {
    const request: Request = { kind: "apply", parts, commits };
    this.#worker.postMessage(
      request,
      parts.map(({ buffer }) => buffer),
    );
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #reply(): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.shift();
    if ("value" in reply) {
      waiting?.resolve(reply.value);
      return;
    }
    const { name, message } = reply.failure;
    waiting?.reject(name === "JournalError" ? new JournalError(message) : new Error(message));
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
