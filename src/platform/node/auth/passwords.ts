/** bcrypt in a thread of its own, so that a login holds up nobody else: it takes a tenth of a second. */
import { Worker } from "node:worker_threads";
import type { Passwords } from "../../../rpc/index.ts";
import type { PasswordJob, PasswordReply } from "./password-worker.ts";

interface Waiting {
  readonly resolve: (result: string | boolean) => void;
  readonly reject: (error: Error) => void;
}

/** This file's own ending: .ts as it is, .js once it is built. */
const WORKER_URL = new URL(import.meta.url.replace(/passwords(\.[jt]s)$/, "password-worker$1"));

/** The thread is started with the first password, and keeps no process alive. */
export class ThreadPasswords implements Passwords {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  async hash(password: string, salt: string): Promise<string> {
    return String(await this.#run("hash", password, salt));
  }

  async matches(password: string, hash: string): Promise<boolean> {
    return (await this.#run("matches", password, hash)) === true;
  }

  /** What is under way fails. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #run(kind: PasswordJob["kind"], password: string, setting: string): Promise<string | boolean> {
    const worker = this.#worker ?? this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, password, setting } satisfies PasswordJob);
    });
  }

  #start(): Worker {
    const worker = new Worker(WORKER_URL);
    worker.unref();
    worker.on("message", ({ id, result, error }: PasswordReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (result === undefined) waiting?.reject(new Error(error));
      else waiting?.resolve(result);
    });
    let reason = new Error("the thread for passwords has ended");
    worker.on("error", (error: Error) => {
      reason = error;
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(reason);
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
