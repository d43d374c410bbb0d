import { whenGone } from "../alive.ts";
import type { EtcdSettings, FromWorker, OwnerInfo, ToWorker } from "../names.ts";

export interface WorkerHostOptions {
  readonly create: () => Worker;
  readonly name: string;
  readonly persist: boolean;
  readonly etcd: EtcdSettings;
  /** A worker lives; the port leads to it, should it own the store. Returns the last owner that was heard of. */
  readonly alive: (worker: string, port: MessagePort) => OwnerInfo | undefined;
  readonly owner: (info: OwnerInfo) => void;
  readonly gone: (worker: string) => void;
  /** There will be no worker, or none that is of use. */
  readonly failed: (error: Error) => void;
}

/** What a worker has to hand over is written by then, or never will be. */
const CLOSE_MS = 3000;

/** A worker that ends again and again is started anew ever more slowly. */
const RESTART_MS = 50;
const MAX_RESTART_MS = 5000;

/** This page's worker, started anew where it ends without having been told to. */
export class WorkerHost {
  readonly #options: WorkerHostOptions;
  #worker: Worker | undefined;
  #stopWatching: (() => void) | undefined;
  #restarts = 0;
  #closed = false;

  constructor(options: WorkerHostOptions) {
    this.#options = options;
    this.#start();
  }

  /** The worker hands over what it has; then it ends. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatching?.();
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const closed = ({ data }: MessageEvent<FromWorker>): void => {
        if (data.type === "closed") resolve();
      };
      worker.addEventListener("message", closed);
      worker.addEventListener("error", () => resolve());
      setTimeout(resolve, CLOSE_MS);
      this.#post({ type: "close" });
    });
    worker.terminate();
  }

  #start(): void {
    const { create, name, persist, etcd } = this.#options;
    const worker = create();
    const { port1, port2 } = new MessageChannel();
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.#hear(data, port1));
    worker.addEventListener("error", (event) => {
      const reason = event.message || "its script could not be loaded";
      this.#options.failed(new Error(`the store's worker failed: ${reason}`));
    });
    const start: ToWorker = { type: "start", name, persist, etcd, port: port2 };
    worker.postMessage(start, [port2]);
  }

  #hear(message: FromWorker, port: MessagePort): void {
    const { alive, owner, failed } = this.#options;
    switch (message.type) {
      case "alive":
        this.#post({ type: "run", previous: alive(message.worker, port) });
        this.#watch(message.worker);
        break;
      case "owner":
        owner(message.info);
        break;
      case "failed":
        failed(new Error(`the store could not be opened: ${message.message}`));
        break;
      case "closed":
        break;
    }
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #watch(name: string): void {
    if (!("locks" in navigator)) return;
    this.#stopWatching = whenGone(name, () => {
      if (this.#closed) return;
      this.#options.gone(name);
      const delayMs = Math.min(MAX_RESTART_MS, RESTART_MS * 2 ** this.#restarts++);
      setTimeout(() => {
        if (!this.#closed) this.#start();
      }, delayMs);
    });
  }
}
