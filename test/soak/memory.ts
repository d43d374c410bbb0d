/** The server's memory over time, and whether it grows. */
import type { ProbeAnswer } from "./probe.ts";

const MIB = 1024 * 1024;

export interface Sample extends ProbeAnswer {
  readonly atMs: number;
}

export class Memory {
  readonly #samples: Sample[] = [];

  add(sample: Sample): void {
    this.#samples.push(sample);
  }

  get last(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /**
   * The mean of the last third against that of the first, as a part: 0.05 for 5 % more.
   * @param fromMs what was before is warm-up
   */
  growth(of: "rssBytes" | "heapUsedBytes", fromMs: number): number {
    const values = this.#samples.filter(({ atMs }) => atMs >= fromMs).map((sample) => sample[of]);
    const third = Math.max(1, Math.floor(values.length / 3));
    return mean(values.slice(-third)) / mean(values.slice(0, third)) - 1;
  }
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

export function percent(part: number): string {
  return `${part < 0 ? "" : "+"}${(part * 100).toFixed(1)}%`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
