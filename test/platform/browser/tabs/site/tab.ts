/** One tab of the test: it opens a store, writes to it and watches it, and says what became of that. */
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Watch as BrowserWatch } from "../../../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../../../../src/gen/etcdserverpb/kv_pb.ts";
import { Watch, type WatchResponse } from "../../../../../src/gen/etcdserverpb/watch_pb.ts";
import { type BrowserStore, openStore, type StoreState } from "../../../../../src/platform/browser/index.ts";
import { Queue } from "../../../../rpc/support/queue.ts";

/** A write that was answered. */
export interface Acknowledged {
  readonly key: string;
  readonly revision: number;
  readonly atMs: number;
}

/** What a watch saw: revision and key of each event, `5 a`. */
export interface Seen {
  readonly name: string;
  readonly from: number;
  readonly events: readonly string[];
  readonly error?: string;
}

export interface Report {
  readonly state: StoreState;
  readonly seen: readonly Seen[];
  readonly unavailable: number;
  readonly unexpected: readonly string[];
}

interface Watched {
  readonly name: string;
  readonly from: number;
  readonly events: string[];
  error?: string;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };

/** Told of writes that were answered: what a tab knows goes with it when it is killed. */
declare const acknowledged: ((writes: readonly Acknowledged[]) => Promise<void>) | undefined;

/** Between two writes; without it the test's own messages are more than its process can take. */
const WRITE_INTERVAL_MS = 3;

class Tab {
  #store: BrowserStore | undefined;
  #worker: Worker | undefined;
  #writing = false;
  #writer: Promise<void> = Promise.resolve();
  #untold: Acknowledged[] = [];
  #telling: Promise<void> | undefined;
  #watched: Watched[] = [];
  #unavailable = 0;
  #unexpected: string[] = [];

  async open(name: string, persist = true): Promise<StoreState> {
    this.#store = await openStore({ name, persist, worker: () => this.#makeWorker() });
    return this.#store.state;
  }

  state(): StoreState {
    return this.#opened.state;
  }

  async close(): Promise<void> {
    await this.stopWriting();
    await this.#store?.close();
    this.#watched = [];
    this.#unavailable = 0;
    this.#unexpected = [];
  }

  terminate(): void {
    this.#worker?.terminate();
  }

  /** Puts and txns, one after the other, until told to stop. */
  write(tab: string): void {
    this.#writing = true;
    this.#writer = this.#write(tab);
  }

  async stopWriting(): Promise<void> {
    this.#writing = false;
    await this.#writer;
  }

  /** One watch by the browser's service and, on one stream, two by etcd's. */
  async watch(): Promise<void> {
    const from = (await this.revision()) + 1;
    void this.#follow("browser", from, createClient(BrowserWatch, this.#opened.transport).watch(watchAll(from)));
    const requests = new Queue<Parameters<typeof requestOf>[0]>();
    requests.push(watchAll(from));
    requests.push({ ...watchAll(from), key: bytes("w/"), rangeEnd: bytes("w0"), fragment: true });
    const client = createClient(Watch, this.#opened.transport);
    void this.#followBoth(from, client.watch(requestsOf(requests)));
  }

  /** Puts values of chance, one after the other, each of which is answered. */
  async fill(count: number, size: number): Promise<StoreState> {
    const kv = createClient(KV, this.#opened.transport);
    for (let at = 0; at < count; at++) {
      const value = new Uint8Array(size);
      // No more than this at a time.
      for (let from = 0; from < size; from += 65_536) crypto.getRandomValues(value.subarray(from, from + 65_536));
      await kv.put({ key: bytes(`fill/${at}`), value });
    }
    return this.#opened.state;
  }

  async revision(): Promise<number> {
    const response = await createClient(KV, this.#opened.transport).range({ ...ALL, countOnly: true });
    return Number(response.header?.revision);
  }

  /** Everything there ever was, by a watch from the beginning. */
  async history(revision: number): Promise<string[]> {
    const events: string[] = [];
    const abort = new AbortController();
    const client = createClient(BrowserWatch, this.#opened.transport);
    for await (const response of client.watch(watchAll(1), { signal: abort.signal })) {
      events.push(...eventsOf(response));
      if (Number(response.events.at(-1)?.kv?.modRevision ?? 0) >= revision) break;
    }
    abort.abort();
    return events;
  }

  report(): Report {
    const { state } = this.#opened;
    return { state, seen: this.#watched, unavailable: this.#unavailable, unexpected: this.#unexpected };
  }

  get #opened(): BrowserStore {
    if (this.#store === undefined) throw new Error("no store is open");
    return this.#store;
  }

  #makeWorker(): Worker {
    this.#worker = new Worker(new URL("../../../../../src/platform/browser/worker.ts", import.meta.url), {
      type: "module",
    });
    return this.#worker;
  }

  async #write(tab: string): Promise<void> {
    const kv = createClient(KV, this.#opened.transport);
    for (let count = 0; this.#writing; count++) {
      const key = `w/${tab}/${count}`;
      try {
        const response =
          count % 5 === 0 ? await kv.txn(putTwo(key)) : await kv.put({ key: bytes(key), value: bytes(tab) });
        this.#acknowledge({ key, revision: Number(response.header?.revision), atMs: Date.now() });
      } catch (error) {
        if (ConnectError.from(error).code === Code.Unavailable) this.#unavailable++;
        else this.#unexpected.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, WRITE_INTERVAL_MS));
    }
    await this.#telling;
  }

  /** One message at a time; while it is under way the next one gathers. */
  #acknowledge(write: Acknowledged): void {
    this.#untold.push(write);
    this.#telling ??= (async () => {
      while (this.#untold.length > 0) await acknowledged?.(this.#untold.splice(0));
      this.#telling = undefined;
    })();
  }

  async #follow(name: string, from: number, responses: AsyncIterable<WatchResponse>): Promise<void> {
    const watched: Watched = { name, from, events: [] };
    this.#watched.push(watched);
    try {
      for await (const response of responses) watched.events.push(...eventsOf(response));
      watched.error = "it ended";
    } catch (error) {
      watched.error = String(error);
    }
  }

  async #followBoth(from: number, responses: AsyncIterable<WatchResponse>): Promise<void> {
    const both = ["all", "prefix"].map((name): Watched => ({ name, from, events: [] }));
    this.#watched.push(...both);
    let created = 0;
    try {
      for await (const response of responses) {
        if (response.created) created++;
        both[Number(response.watchId)]?.events.push(...eventsOf(response));
        if (created > 2) throw new Error("a watch was created twice");
      }
    } catch (error) {
      for (const watched of both) watched.error = String(error);
    }
  }
}

function watchAll(from: number) {
  return { ...ALL, startRevision: BigInt(from), fragment: false };
}

function requestOf(value: ReturnType<typeof watchAll>) {
  return { requestUnion: { case: "createRequest" as const, value } };
}

async function* requestsOf(creates: AsyncIterable<ReturnType<typeof watchAll>>) {
  for await (const value of creates) yield requestOf(value);
}

function putTwo(key: string) {
  const put = (name: string) => ({
    request: { case: "requestPut" as const, value: { key: bytes(name), value: bytes("txn") } },
  });
  return { success: [put(key), put(`${key}/second`)] };
}

function eventsOf(response: WatchResponse): string[] {
  return response.events.map(({ kv }) => `${kv?.modRevision} ${text(kv?.key ?? new Uint8Array())}`);
}

export type { Tab };

Object.assign(window, { tab: new Tab() });
