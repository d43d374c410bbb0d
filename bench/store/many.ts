/** Ten million small keys: that the store still works, and what it takes of this process's memory. */
import { cpuNowMs, print } from "./print.ts";
import { newEtcd, put } from "./puts.ts";

const REPORTS = 10;

export function many(scale: number): void {
  const etcd = newEtcd();
  const count = 10_000_000 * scale;
  const value = new Uint8Array(8).fill(120);
  const part = count / REPORTS;
  for (let report = 1; report <= REPORTS; report++) {
    const startMs = cpuNowMs();
    for (let at = (report - 1) * part; at < report * part; at++) put(etcd, keyOf(at), value);
    if (report === 1 || report === REPORTS)
      print(`many_put_ns_${report * part}`, ((cpuNowMs() - startMs) / part) * 1e6);
  }
  const startMs = cpuNowMs();
  for (let at = 0; at < 1_000_000; at++) {
    const number = Math.imul(at, 7919) >>> 0;
    if (etcd.store.get(keyOf(number % count))?.version !== 1) throw new Error(`key ${number % count} is not there`);
  }
  print(`many_get_ns_${count}`, cpuNowMs() - startMs);
  const { rss, heapUsed } = process.memoryUsage();
  print("many_rss_mb", rss / 2 ** 20);
  print("many_heap_mb", heapUsed / 2 ** 20);
  if (etcd.store.liveKeys !== count) throw new Error(`${etcd.store.liveKeys} keys`);
  etcd.close();
}

function keyOf(number: number): string {
  return `/k/${(Math.imul(number, 0x9e3779b1) >>> 0).toString(36)}/${number.toString(36)}`;
}
