const WINDOW_S = 5;

/** Events per second, over the last whole seconds. */
export class RateMeter {
  readonly #counts = new Map<number, number>();
  #firstSecond: number | undefined;

  add(count: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    this.#firstSecond ??= second;
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + count);
    for (const old of this.#counts.keys()) {
      if (old >= second - WINDOW_S) break;
      this.#counts.delete(old);
    }
  }

  perSecond(nowMs: number): number {
    const now = Math.floor(nowMs / 1000);
    const seconds = Math.min(WINDOW_S, now - (this.#firstSecond ?? now));
    // Below 0 where the asker's clock is that of its last tick.
    if (seconds <= 0) return 0;
    let sum = 0;
    for (let second = now - seconds; second < now; second++) sum += this.#counts.get(second) ?? 0;
    return sum / seconds;
  }
}

export function rateText(perSecond: number): string {
  if (perSecond > 0 && perSecond < 10) return `${perSecond.toFixed(1)}/s`;
  return `${Math.round(perSecond).toLocaleString("en")}/s`;
}
