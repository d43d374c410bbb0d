/**
 * Ten million small keys: that the store still works, what it takes of this process's memory, and how long the longest step
 * of each kind stands in the way of others.
 */
import type { Etcd } from "../../src/server/index.ts";
import { cpuNowMs, print } from "./print.ts";
import { newEtcd, put } from "./puts.ts";

const REPORTS = 10;
const PUTS_PER_TURN = 10;
const READS = 1_000_000;
const VALUE = new Uint8Array(8).fill(120);

export async function many(scale: number): Promise<void> {
  const etcd = newEtcd();
  const count = 10_000_000 * scale;
  await fill(etcd, count);
  const startMs = cpuNowMs();
  for (let at = 0; at < READS; at++) {
    const number = (Math.imul(at, 7919) >>> 0) % count;
    if (etcd.store.get(keyOf(number))?.version !== 1) throw new Error(`key ${number} is not there`);
  }
  print("many_get_ns", ((cpuNowMs() - startMs) / READS) * 1e6);
  if (etcd.store.liveKeys !== count) throw new Error(`${etcd.store.liveKeys} keys`);
  printMemory("many");

  const hashing = etcd.store.hashing(0);
  await steps("many_hash", () => hashing.next().done === true);
  for (let at = 0; at < count; at += 10) put(etcd, keyOf(at), VALUE);
  etcd.store.beginCompaction(etcd.store.revision);
  await steps("many_compaction", () => !etcd.store.continueCompaction());
  if (etcd.store.liveKeys !== count) throw new Error(`${etcd.store.liveKeys} keys after the compaction`);
  printMemory("many_compacted");
  etcd.close();
}

async function fill(etcd: Etcd, count: number): Promise<void> {
  const part = count / REPORTS;
  const longest = new Longest();
  for (let report = 1; report <= REPORTS; report++) {
    const startMs = cpuNowMs();
    for (let at = (report - 1) * part; at < report * part; at += PUTS_PER_TURN) {
      longest.measure(() => {
        for (let next = at; next < at + PUTS_PER_TURN; next++) put(etcd, keyOf(next), VALUE);
      });
      await nextTurn();
    }
    if (report !== 1 && report !== REPORTS) continue;
    print(`many_put_ns_${report * part}`, ((cpuNowMs() - startMs) / part) * 1e6);
    longest.print(`many_put_longest_${report * part}`);
  }
}

/** Takes steps, with a turn for others between them, until one says that it was the last. */
async function steps(name: string, step: () => boolean): Promise<void> {
  const startMs = performance.now();
  const longest = new Longest();
  for (let isLast = false; !isLast; await nextTurn()) isLast = longest.measure(step);
  print(`${name}_took_ms`, performance.now() - startMs);
  longest.print(`${name}_longest`);
}

/** The longest of several steps: by the clock, and in the thread's own processor time. */
class Longest {
  #wallMs = 0;
  #cpuMs = 0;

  measure<T>(step: () => T): T {
    const startMs = performance.now();
    const startCpuMs = cpuNowMs();
    const result = step();
    this.#cpuMs = Math.max(this.#cpuMs, cpuNowMs() - startCpuMs);
    this.#wallMs = Math.max(this.#wallMs, performance.now() - startMs);
    return result;
  }

  print(name: string): void {
    print(`${name}_ms`, this.#wallMs);
    print(`${name}_cpu_ms`, this.#cpuMs);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function printMemory(name: string): void {
  const { rss, heapUsed } = process.memoryUsage();
  print(`${name}_rss_mb`, rss / 2 ** 20);
  print(`${name}_heap_mb`, heapUsed / 2 ** 20);
}

function keyOf(number: number): string {
  return `/k/${(Math.imul(number, 0x9e3779b1) >>> 0).toString(36)}/${number.toString(36)}`;
}
