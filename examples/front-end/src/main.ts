import { createClient } from "@connectrpc/connect";
import { Watch } from "etcdlite/gen/etcdlite/v1/watch";
import { KV } from "etcdlite/gen/etcdserverpb/kv";
import { Keys } from "./keys.ts";
// The one line that says where the etcd is: ./transports/worker.ts, ./transports/connect.ts, ./transports/grpc-web.ts
import { transport } from "./transports/worker.ts";

const kv = createClient(KV, transport);
const watch = createClient(Watch, transport);

/** From the least key on, without an end: every key. */
const EVERYTHING = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const status = document.querySelector("#status") as HTMLElement;
const form = document.querySelector("#put") as HTMLFormElement;
const keys = new Keys(document.querySelector("#keys") as HTMLElement, async (key) => {
  await kv.deleteRange({ key });
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  // Before the answer comes: by then the next pair may have been typed.
  form.reset();
  await kv.put({ key: encode(String(fields.get("key"))), value: encode(String(fields.get("value"))) });
});

/** What is there, and from the revision after that on whatever happens. */
async function follow(): Promise<void> {
  const { header, kvs } = await kv.range(EVERYTHING);
  keys.clear();
  for (const pair of kvs) keys.set(pair);
  status.textContent = `Live since revision ${header?.revision}`;
  const startRevision = (header?.revision ?? 0n) + 1n;
  for await (const { events, canceled } of watch.watch({ ...EVERYTHING, startRevision })) {
    for (const { type, kv: pair } of events) {
      if (pair === undefined) continue;
      // 1 is DELETE.
      if (type === 1) keys.delete(pair.key);
      else keys.set(pair);
    }
    if (canceled) return;
  }
}

for (;;) {
  try {
    await follow();
  } catch (error) {
    status.textContent = `${error}; trying again`;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
