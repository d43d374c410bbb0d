import type { Clock } from "../../server/index.ts";
import type { ObjectStorage } from "./types.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * Time of day, as it must go on while the object sleeps; and timers by its one alarm, which wakes it. A timer that
 * is cancelled leaves the alarm as it is, to be called for nothing once: to set it is a write. A timer without delay,
 * by which what takes long lets others have a turn, is none to wake for: what it goes on with is gone after a sleep.
 */
export class AlarmClock implements Clock {
  readonly #storage: ObjectStorage;
  readonly #timers = new Set<Timer>();
  #alarmAtMs: number;
  #lastMs = 0;

  private constructor(storage: ObjectStorage, alarmAtMs: number) {
    this.#storage = storage;
    this.#alarmAtMs = alarmAtMs;
  }

  static async open(storage: ObjectStorage): Promise<AlarmClock> {
    return new AlarmClock(storage, (await storage.getAlarm()) ?? Number.POSITIVE_INFINITY);
  }

  /** The time of day may be set back; this one then stands still. */
  now(): number {
    this.#lastMs = Math.max(this.#lastMs, Date.now());
    return this.#lastMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    if (delayMs === 0) {
      const turn = setTimeout(callback, 0);
      return () => clearTimeout(turn);
    }
    const timer = { atMs: this.now() + delayMs, callback };
    this.#timers.add(timer);
    this.#wakeAt(timer.atMs);
    return () => this.#timers.delete(timer);
  }

  /** The alarm has been called: what is due runs, and the next alarm is set. */
  alarm(): void {
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.now();
    const due = [...this.#timers].filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const timer of due) {
      // One that runs may cancel others.
      if (this.#timers.delete(timer)) timer.callback();
    }
    for (const { atMs } of this.#timers) this.#wakeAt(atMs);
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#alarmAtMs) return;
    this.#alarmAtMs = atMs;
    // Like every write it is durable before an answer leaves; where it cannot be, the object ends.
    this.#storage.setAlarm(Math.ceil(atMs)).catch(() => {});
  }
}
