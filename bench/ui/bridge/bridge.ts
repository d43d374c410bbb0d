/** In a page: calls of the store in its worker, as a front end would make them. */
import { createClient } from "@connectrpc/connect";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { openStore } from "../../../src/platform/browser/index.ts";

declare global {
  interface Window {
    /** Puts and Ranges by turns, `inFlight` at a time; calls a second. */
    measureBridge(durationMs: number, inFlight: number): Promise<number>;
  }
}

const encoder = new TextEncoder();

window.measureBridge = async (durationMs, inFlight) => {
  const store = await openStore({ name: "bench", persist: false });
  const kv = createClient(KV, store.transport);
  const value = encoder.encode("x".repeat(256));
  let calls = 0;
  const run = async (untilMs: number): Promise<void> => {
    while (performance.now() < untilMs) {
      const key = encoder.encode(`/bench/${calls++ % 1000}`);
      await kv.put({ key, value });
      await kv.range({ key });
      calls++;
    }
  };
  // Warm first: what is measured is a page that has been open for a while.
  const warmUntilMs = performance.now() + durationMs / 2;
  await Promise.all(Array.from({ length: inFlight }, () => run(warmUntilMs)));
  calls = 0;
  const startMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, () => run(startMs + durationMs)));
  const perSecond = (calls / (performance.now() - startMs)) * 1000;
  await store.close();
  return perSecond;
};
