/** A measure as a line. */
export function print(name: string, value: number): void {
  console.log(`${name}=${value < 100 ? value.toFixed(2) : Math.round(value)}`);
}

/** Processor time of this thread: what others take from the machine is not in it, nor what V8's own threads do. */
export function cpuNowMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
