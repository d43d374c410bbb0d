import { readFileSync } from "node:fs";

/** A measure as a line. */
export function print(name: string, value: number): void {
  console.log(`${name}=${value < 100 ? value.toFixed(2) : Math.round(value)}`);
}

/** Processor time of this thread: what others take from the machine is not in it, nor what V8's own threads do. */
export function cpuNowMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** For how long this thread could have run and had no processor, on Linux; 0 elsewhere. */
export function waitedNowMs(): number {
  if (process.platform !== "linux") return 0;
  return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[1]) / 1e6;
}
