/** What a put and a get of a random key cost in stores of growing size, in this process. */
import type { Etcd } from "../../src/server/index.ts";
import { cpuNowMs, print } from "./print.ts";
import { keysOf, newEtcd, put } from "./puts.ts";

const ROUNDS = 5;
const OPERATIONS = 100_000;
const VALUE = new Uint8Array(256).fill(120);

export function growth(scale: number): void {
  for (const count of [1000, 1_000_000 * scale]) {
    const etcd = newEtcd();
    const keys = keysOf(count, 64);
    for (const key of keys) put(etcd, key, VALUE);
    print(
      `growth_put_ns_${count}`,
      best(keys, (key) => put(etcd, key, VALUE)),
    );
    print(
      `growth_get_ns_${count}`,
      best(keys, (key) => read(etcd, key)),
    );
    etcd.close();
  }
  history(100_000 * scale);
}

/** A key of one version beside one of many. */
function history(versions: number): void {
  const etcd = newEtcd();
  put(etcd, "one", VALUE);
  for (let at = 0; at < versions; at++) put(etcd, "many", VALUE);
  print(
    "growth_get_ns_1_version",
    best(["one"], (key) => read(etcd, key)),
  );
  print(
    `growth_get_ns_${versions}_versions`,
    best(["many"], (key) => read(etcd, key)),
  );
  etcd.close();
}

function read(etcd: Etcd, key: string): void {
  if (etcd.store.get(key)?.value.length !== VALUE.length) throw new Error(`${key} is not there`);
}

/** The fastest of a few rounds, for each operation. */
function best(keys: readonly string[], run: (key: string) => void): number {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = cpuNowMs();
    let at = round;
    for (let done = 0; done < OPERATIONS; done++) {
      at = (at + 7919) % keys.length;
      run(keys[at] as string);
    }
    bestMs = Math.min(bestMs, cpuNowMs() - startMs);
  }
  return (bestMs / OPERATIONS) * 1e6;
}
