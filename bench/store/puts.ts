/** The store in this process: single-key puts, each a revision of its own, and reads. */

import { realClock } from "../../src/platform/node/clock.ts";
import { DEFAULT_OPTIONS, Etcd } from "../../src/server/index.ts";
import { keyOf } from "./client.ts";
import { cpuNowMs, print } from "./print.ts";

const ROUNDS = 5;
const FLAGS = { lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };

export function newEtcd(): Etcd {
  return new Etcd({ ...DEFAULT_OPTIONS, clock: realClock, quotaBackendBytes: -1 });
}

export function keysOf(count: number, bytes: number): string[] {
  return Array.from({ length: count }, (_, at) => Buffer.from(keyOf(at, bytes)).toString("latin1"));
}

export function put(etcd: Etcd, key: string, value: Uint8Array): void {
  etcd.put({ key, value, ...FLAGS });
}

export function puts(scale: number): void {
  const keys = keysOf(10_000 * scale, 16);
  for (const valueBytes of [16, 256]) {
    const value = new Uint8Array(valueBytes).fill(120);
    const rates: number[] = [];
    const reads: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const etcd = newEtcd();
      const count = 500_000 * scale;
      const startMs = cpuNowMs();
      for (let at = 0; at < count; at++) put(etcd, keys[at % keys.length] as string, value);
      rates.push((count / (cpuNowMs() - startMs)) * 1000);
      const readMs = cpuNowMs();
      let bytes = 0;
      for (let at = 0; at < count; at++) bytes += etcd.store.get(keys[at % keys.length] as string)?.value.length ?? 0;
      if (bytes !== count * valueBytes) throw new Error(`read ${bytes} bytes`);
      reads.push((count / (cpuNowMs() - readMs)) * 1000);
      etcd.close();
    }
    print(`store_puts_per_s_${valueBytes}`, Math.max(...rates));
    print(`store_gets_per_s_${valueBytes}`, Math.max(...reads));
  }
}
