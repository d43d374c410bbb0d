import { openSync, readSync } from "node:fs";

/** A measure as a line. */
export function print(name: string, value: number): void {
  console.log(`${name}=${value < 100 ? value.toFixed(2) : Math.round(value)}`);
}

/** Processor time of this thread: what others take from the machine is not in it, nor what V8's own threads do. */
export function cpuNowMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const schedstat = process.platform === "linux" ? openSync("/proc/thread-self/schedstat", "r") : undefined;
const text = Buffer.alloc(64);

/** For how long this thread could have run and had no processor, on Linux; 0 elsewhere. Leaves nothing to collect. */
export function waitedNowMs(): number {
  if (schedstat === undefined) return 0;
  const length = readSync(schedstat, text, 0, text.length, 0);
  let ns = 0;
  let at = text.indexOf(SPACE) + 1;
  for (; at < length && text[at] !== SPACE; at++) ns = ns * 10 + (text[at] as number) - ZERO;
  return ns / 1e6;
}

const SPACE = 0x20;
const ZERO = 0x30;
