/**
 * A limit that ends a connection is of little use if the next one is there at once: an address whose connections
 * were ended for what they did waits for its next ones, longer each time. Connections that are open are left alone.
 *
 *     offence        1       2       3    …   after 10 s without one
 *     between two    50 ms   100 ms  200 ms   nothing
 */
import type { Socket } from "node:net";
import type { Clock } from "../../../server/index.ts";

interface Offender {
  offences: number;
  untilMs: number;
  /** When its next connection may go on. */
  nextMs: number;
}

const FIRST_GAP_MS = 50;
const FORGOTTEN_AFTER_MS = 10_000;
/** Past it the oldest offender is forgotten. */
const MAX_OFFENDERS = 10_000;

export class Penalties {
  readonly #clock: Clock;
  readonly #maxDelayMs: number;
  readonly #offenders = new Map<string, Offender>();

  constructor(clock: Clock, maxDelayMs: number) {
    this.#clock = clock;
    this.#maxDelayMs = maxDelayMs;
  }

  offended(address: string): void {
    const now = this.#clock.now();
    const { offences, nextMs } = this.#offenders.get(address) ?? { offences: 0, nextMs: now };
    this.#offenders.delete(address);
    const gapMs = Math.min(FIRST_GAP_MS * 2 ** offences, this.#maxDelayMs);
    const next = Math.max(nextMs, now + gapMs);
    this.#offenders.set(address, { offences: offences + 1, untilMs: now + FORGOTTEN_AFTER_MS, nextMs: next });
    const [oldest] = this.#offenders.keys();
    if (this.#offenders.size > MAX_OFFENDERS && oldest !== undefined) this.#offenders.delete(oldest);
  }

  /** How long its next connection has to wait; undefined where too many of it wait already. */
  delayMs(address: string): number | undefined {
    const offender = this.#offenders.get(address);
    if (offender === undefined) return 0;
    const now = this.#clock.now();
    if (offender.untilMs <= now) {
      this.#offenders.delete(address);
      return 0;
    }
    const delayMs = Math.max(0, offender.nextMs - now);
    if (delayMs > this.#maxDelayMs) return undefined;
    const gapMs = Math.min(FIRST_GAP_MS * 2 ** (offender.offences - 1), this.#maxDelayMs);
    offender.nextMs = now + delayMs + gapMs;
    return delayMs;
  }
}

/** Clients of a unix socket have none, and share what they are charged with. */
export function addressOf({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  return remoteAddress;
}
