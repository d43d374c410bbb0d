/** A whole etcd in the page, kept in the browser and shared by its tabs. */
import type { Transport } from "@connectrpc/connect";
import { type EtcdSettings, type Persistence, TransferPath } from "./names.ts";
import { WorkerHost } from "./page/own-worker.ts";
import { resumeWatches } from "./page/resume/interceptor.ts";
import { Switchboard } from "./page/switchboard.ts";
import { storeTransport } from "./page/transport.ts";

export interface OpenOptions {
  /** Stores of different names have nothing in common. Default `default`. */
  readonly name?: string;
  /** False: in this page's memory only, and not shared. Default true. */
  readonly persist?: boolean;
  readonly etcd?: EtcdSettings;
  /** For bundlers that do not see the worker by themselves: makes it from `etcdlite/browser/worker`. */
  readonly worker?: () => Worker;
}

export interface StoreState {
  /** Whether this tab's worker runs the store, another's does, or none at the moment. */
  readonly role: "owner" | "guest" | "electing" | "closed";
  readonly persistence: Persistence;
  /** Why the store is in memory only, or what else is not as it should be. */
  readonly notice?: string;
  /** Goes up with every owner, and with every change of the whole content. */
  readonly epoch: number;
}

export interface BrowserStore {
  readonly name: string;
  /** For any generated client; it stays the same whoever owns the store. */
  readonly transport: Transport;
  readonly state: StoreState;
  /** The listener is called after every change of `state`; the function returned ends that. */
  subscribe(listener: () => void): () => void;
  /** Everything that is stored, as one file. */
  export(): Promise<Blob>;
  /** A snapshot as `etcdctl snapshot save` has it, for `etcdutl snapshot restore`, or an etcdlite anywhere. */
  exportSnapshot(): Promise<Blob>;
  /**
   * Replaces everything by what a file holds, be it from `export` or the snapshot of an etcd; a damaged file is
   * refused and changes nothing.
   */
  import(file: Blob): Promise<void>;
  /** Leaves an empty store, at revision 1. */
  erase(): Promise<void>;
  /** Requests under way fail; the store, if it is this tab's, is handed over. */
  close(): Promise<void>;
}

/** Settles when the store answers. */
export async function openStore(options: OpenOptions = {}): Promise<BrowserStore> {
  const store = new Store(options);
  await store.ready;
  return store;
}

/** The ending is that of the compiled file; from source, bundlers know to take the .ts in its place. */
function defaultWorker(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "etcdlite" });
}

class Store implements BrowserStore {
  readonly name: string;
  readonly transport: Transport;
  readonly ready: Promise<void>;
  readonly #switchboard: Switchboard;
  readonly #host: WorkerHost;
  readonly #listeners = new Set<() => void>();
  #worker: string | undefined;
  #state: StoreState = { role: "electing", persistence: "memory", epoch: 0 };

  constructor({ name = "default", persist = true, etcd = {}, worker = defaultWorker }: OpenOptions) {
    this.name = name;
    const shared = persist && "locks" in navigator && typeof BroadcastChannel !== "undefined";
    this.#switchboard = new Switchboard(shared ? name : undefined, () => this.#update());
    this.transport = storeTransport(this.#switchboard, [resumeWatches]);
    let fail: (error: Error) => void = () => {};
    this.#host = new WorkerHost({
      ...{ create: worker, name, persist, etcd },
      alive: (worker, port) => {
        this.#worker = worker;
        this.#switchboard.own = { worker, port };
        return this.#switchboard.last;
      },
      owner: (info) => this.#switchboard.owner(info),
      gone: (worker) => this.#switchboard.gone(worker),
      failed: (error) => fail(error),
    });
    this.ready = new Promise((resolve, reject) => {
      fail = reject;
      // A large store takes its time to load.
      this.#switchboard.linked(undefined, 0).then(() => resolve(), reject);
    });
  }

  get state(): StoreState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  export(): Promise<Blob> {
    return this.#download(TransferPath.export);
  }

  exportSnapshot(): Promise<Blob> {
    return this.#download(TransferPath.snapshot);
  }

  async import(file: Blob): Promise<void> {
    await collect(await this.#transfer("POST", TransferPath.import, file.stream()));
  }

  async erase(): Promise<void> {
    await collect(await this.#transfer("POST", TransferPath.erase));
  }

  async close(): Promise<void> {
    if (this.#state.role === "closed") return;
    this.#set({ ...this.#state, role: "closed" });
    this.#switchboard.close();
    await this.#host.close();
  }

  async #download(path: string): Promise<Blob> {
    const body = await this.#transfer("GET", path);
    return new Blob(await collect(body), { type: "application/octet-stream" });
  }

  async #transfer(method: string, path: string, body?: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
    const url = `http://etcdlite${path}`;
    const response = await this.#switchboard.fetch({ method, url, header: new Headers(), body });
    if (response.status === 200) return response.body;
    throw new Error(await new Blob(await collect(response.body)).text());
  }

  #update(): void {
    if (this.#state.role === "closed") return;
    const { info } = this.#switchboard;
    if (info === undefined) {
      this.#set({ ...this.#state, role: "electing" });
      return;
    }
    const { owner, persistence, notice, epoch } = info;
    this.#set({ role: owner === this.#worker ? "owner" : "guest", persistence, notice, epoch });
  }

  #set(state: StoreState): void {
    const { role, persistence, notice, epoch } = this.#state;
    const isSame = role === state.role && persistence === state.persistence;
    if (isSame && notice === state.notice && epoch === state.epoch) return;
    this.#state = Object.freeze(state);
    for (const listener of [...this.#listeners]) listener();
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<BlobPart[]> {
  const parts: BlobPart[] = [];
  for await (const part of body) parts.push(part as BlobPart);
  return parts;
}
