/** What is measured, what it should be, and the line that says so. */

export interface Target {
  readonly value: number;
  /** Whether less is better, more is, or only the value itself will do. */
  readonly better: "less" | "more" | "equal";
  /** What does not depend on the machine: a miss is a failure of the run. */
  readonly exact?: boolean;
}

export const TARGETS = {
  first_load_js_gzip_kb: { value: 180, better: "less", exact: true },
  editor_js_gzip_kb: { value: 125, better: "less", exact: true },
  scroll_1m_p95_frame_ms: { value: 20, better: "less" },
  scroll_1m_long_tasks: { value: 0, better: "equal" },
  scroll_1m_last_key_reached: { value: 1, better: "equal", exact: true },
  open_folder_1m_ms: { value: 50, better: "less" },
  ui_heap_mb: { value: 100, better: "less" },
  watch_events_per_s: { value: 5000, better: "more" },
  watch_events_lost: { value: 0, better: "equal", exact: true },
  watch_p95_frame_ms: { value: 27, better: "less" },
  axe_violations: { value: 0, better: "equal", exact: true },
  lcp_4x_cpu_ms: { value: 1000, better: "less" },
  bridge_rpcs_per_s: { value: 10000, better: "more" },
} satisfies Record<string, Target>;

export type MeasureName = keyof typeof TARGETS;

/** Prints each measure as it is known, and remembers which missed its target. */
export class Measures {
  readonly missed: MeasureName[] = [];
  readonly failed: MeasureName[] = [];

  /** @param note what differs from the measure's full form, ` keys=100000` */
  report(name: MeasureName, value: number, note = ""): void {
    const target: Target = TARGETS[name];
    const rounded = Number(value.toFixed(value < 1000 ? 1 : 0));
    console.log(`${name}=${rounded} target=${target.value}${note === "" ? "" : ` ${note}`}`);
    if (isMet(rounded, target)) return;
    this.missed.push(name);
    if (target.exact === true) this.failed.push(name);
  }
}

/** A little over what is asked for a second is lost to the clock's own steps. */
const RATE_TOLERANCE = 0.99;

function isMet(value: number, { value: target, better }: Target): boolean {
  if (better === "equal") return value === target;
  return better === "less" ? value <= target : value >= target * RATE_TOLERANCE;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
