/** What is measured in the page; each method gives figures by name. */
import { createClient } from "@connectrpc/connect";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { type BrowserStore, openStore } from "../../../src/platform/browser/index.ts";

export type Figures = Record<string, number>;

const encoder = new TextEncoder();
const VALUE = new Uint8Array(256).map((_, at) => (at * 31) & 0xff);

function key(at: number): Uint8Array<ArrayBuffer> {
  return encoder.encode(`key${String(at).padStart(8, "0")}`);
}

async function perSecond(count: number, inFlight: number, run: (at: number) => Promise<unknown>): Promise<number> {
  let at = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (at < count) await run(at++);
    }),
  );
  return (count / (performance.now() - start)) * 1000;
}

class Bench {
  #store: BrowserStore | undefined;

  /** Opens a store that is kept; how long that took is the load of what it holds. */
  async open(name: string): Promise<Figures> {
    const start = performance.now();
    this.#store = await openStore({ name });
    return { open_ms: performance.now() - start };
  }

  async fill(rows: number): Promise<void> {
    const kv = this.#kv;
    await perSecond(rows, 256, (at) => kv.put({ key: key(at), value: VALUE }));
  }

  /** Round trips to the worker, nothing kept. */
  async bridge(): Promise<Figures> {
    const store = await openStore({ persist: false });
    const kv = createClient(KV, store.transport);
    const put = (at: number) => kv.put({ key: key(at % 1000), value: VALUE });
    await perSecond(3000, 1, put);
    const rounds = [];
    for (let round = 0; round < 5; round++) rounds.push(await perSecond(4000, 1, put));
    const figures = {
      unary_put_1_per_s: median(rounds),
      unary_range_1_per_s: await perSecond(4000, 1, (at) => kv.range({ key: key(at % 1000) })),
      unary_put_32_per_s: await perSecond(20_000, 32, put),
    };
    await store.close();
    return figures;
  }

  async durable(): Promise<Figures> {
    const kv = this.#kv;
    const put = (at: number) => kv.put({ key: key(at), value: VALUE });
    await perSecond(500, 1, put);
    return {
      durable_put_1_per_s: await perSecond(1000, 1, put),
      durable_put_32_per_s: await perSecond(10_000, 32, put),
      durable_put_256_per_s: await perSecond(20_000, 256, put),
    };
  }

  /** Tries a read every few milliseconds until one is answered by another owner than before. */
  async takeover(epoch: number): Promise<number> {
    const kv = this.#kv;
    for (;;) {
      try {
        await kv.range({ key: key(0) });
        if (this.epoch() > epoch) return Date.now();
      } catch {
        // The owner has gone; the next call waits for another one.
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  epoch(): number {
    return this.#store?.state.epoch ?? 0;
  }

  /** What the browser's storages can do by themselves. */
  async storage(): Promise<Figures> {
    return await figuresOf(new Worker(new URL("./storage-worker.ts", import.meta.url), { type: "module" }));
  }

  /** The store with nothing around it. */
  async worker(): Promise<Figures> {
    return await figuresOf(new Worker(new URL("./etcd-worker.ts", import.meta.url), { type: "module" }));
  }

  get #kv() {
    if (this.#store === undefined) throw new Error("no store is open");
    return createClient(KV, this.#store.transport);
  }
}

/** What a worker answers once it is told to begin. */
async function figuresOf(worker: Worker): Promise<Figures> {
  const figures = await new Promise<Figures>((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    worker.postMessage({});
  });
  worker.terminate();
  return figures;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

export type { Bench };

Object.assign(window, { bench: new Bench() });
