/** The store alone, in a worker: single-key puts, each a revision of its own, and reads; as bench/store in Node. */
import { browserClock } from "../../../src/platform/browser/clock.ts";
import { DEFAULT_OPTIONS, Etcd } from "../../../src/server/index.ts";

const KEYS = Array.from({ length: 10_000 }, (_, at) => `key${String(at).padStart(13, "0")}`);
const VALUE = new Uint8Array(16).fill(120);
const FLAGS = { lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
const COUNT = 250_000;
const ROUNDS = 3;

function keyAt(at: number): string {
  return KEYS[at % KEYS.length] ?? "";
}

function perSecond(startMs: number): number {
  return (COUNT / (performance.now() - startMs)) * 1000;
}

function measure(): { puts: number; gets: number } {
  const etcd = new Etcd({ ...DEFAULT_OPTIONS, clock: browserClock, quotaBackendBytes: -1 });
  const putMs = performance.now();
  for (let at = 0; at < COUNT; at++) etcd.put({ key: keyAt(at), value: VALUE, ...FLAGS });
  const puts = perSecond(putMs);
  const getMs = performance.now();
  let bytes = 0;
  for (let at = 0; at < COUNT; at++) bytes += etcd.store.get(keyAt(at))?.value.length ?? 0;
  if (bytes !== COUNT * VALUE.length || etcd.store.revision !== COUNT + 1) throw new Error(`${bytes} bytes read`);
  const gets = perSecond(getMs);
  etcd.close();
  return { puts, gets };
}

addEventListener("message", () => {
  measure();
  const rounds = Array.from({ length: ROUNDS }, measure);
  // The fastest, as bench/store has it.
  postMessage({
    worker_puts_per_s: Math.max(...rounds.map(({ puts }) => puts)),
    worker_gets_per_s: Math.max(...rounds.map(({ gets }) => gets)),
  });
});
