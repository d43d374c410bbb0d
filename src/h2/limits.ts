/**
 * What a client may do that costs it little and us more: each kind of frame that asks for work has a bucket of them,
 * filled again as time goes by. An empty one ends the connection with ENHANCE_YOUR_CALM (RFC 9113, 10.5).
 */
import { ErrorCode } from "./constants.ts";
import { ConnectionError } from "./errors.ts";

export interface FloodLimits {
  /** Streams that may be reset at once before they are answered; a tenth of it comes back each second. */
  readonly maxStreamResets: number;
  /** Within ten seconds. */
  readonly maxSettingsFrames: number;
  /** Between two pings while streams are open, and nothing is sent; below 0 for as many as the client likes. */
  readonly pingMinTimeMs: number;
}

/** Frames without any effect: empty DATA, PRIORITY, of unknown types, on streams that are closed, updates past their due. */
const IDLE: Rate = { burst: 10_000, perSecond: 1_000, what: "too_many_empty_frames" };
/** Streams that fail by what the client did wrong. */
const FAULTS: Rate = { burst: 1_000, perSecond: 100, what: "too_many_faulty_streams" };
/** Of windows, for each DATA frame that the client was sent: that of the stream, and that of the connection. */
const UPDATES_EARNED = 2;
const MAX_PING_STRIKES = 2;
const PING_MIN_TIME_WITHOUT_STREAMS_MS = 2 * 60 * 60_000;

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
  readonly what: string;
}

class Bucket {
  readonly #rate: Rate;
  #left: number;
  #atMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#left = rate.burst;
  }

  /** @throws ConnectionError */
  take(nowMs: number): void {
    if (this.#left >= 1) {
      this.#left--;
      return;
    }
    const { burst, perSecond, what } = this.#rate;
    // Looked at only when it seems empty: until then time does not matter.
    this.#left = Math.min(burst, ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, what);
    this.#left--;
  }
}

/** As grpc-go judges pings: each is welcome after headers or data of ours, else only so often; the third strike is out. */
class Pings {
  readonly #minTimeMs: number;
  #strikes = 0;
  #lastMs = -Infinity;

  constructor(minTimeMs: number) {
    this.#minTimeMs = minTimeMs;
  }

  /** @throws ConnectionError */
  take(nowMs: number, isBusy: boolean): void {
    const sinceMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (this.#minTimeMs < 0 || sinceMs >= (isBusy ? this.#minTimeMs : PING_MIN_TIME_WITHOUT_STREAMS_MS)) return;
    // grpc-go's words: clients of gRPC know them, and wait longer after them.
    if (++this.#strikes > MAX_PING_STRIKES) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
  }

  forgive(): void {
    this.#strikes = 0;
    this.#lastMs = -Infinity;
  }
}

export class FloodGuard {
  readonly #resets: Bucket;
  readonly #settings: Bucket;
  readonly #pings: Pings;
  readonly #idle = new Bucket(IDLE);
  readonly #faults = new Bucket(FAULTS);
  #nowMs: number;
  #hasSaid = false;
  #updatesDue = 0;

  constructor(limits: FloodLimits, nowMs: number) {
    const { maxStreamResets, maxSettingsFrames, pingMinTimeMs } = limits;
    this.#resets = new Bucket({ burst: maxStreamResets, perSecond: maxStreamResets / 10, what: "too_many_resets" });
    this.#settings = new Bucket({
      burst: maxSettingsFrames,
      perSecond: maxSettingsFrames / 10,
      what: "too_many_settings",
    });
    this.#pings = new Pings(pingMinTimeMs);
    this.#nowMs = nowMs;
  }

  setTime(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  reset(): void {
    this.#resets.take(this.#nowMs);
  }

  settings(): void {
    this.#settings.take(this.#nowMs);
  }

  /** @param isBusy whether streams are open */
  ping(isBusy: boolean): void {
    if (this.#hasSaid) this.#pings.forgive();
    this.#hasSaid = false;
    this.#pings.take(this.#nowMs, isBusy);
  }

  idle(): void {
    this.#idle.take(this.#nowMs);
  }

  fault(): void {
    this.#faults.take(this.#nowMs);
  }

  /** As many as there may be reason for are free. */
  windowUpdate(): void {
    if (this.#updatesDue > 0) this.#updatesDue--;
    else this.idle();
  }

  /** We have sent a HEADERS frame. */
  saidHeaders(): void {
    this.#hasSaid = true;
  }

  /** We have sent a DATA frame. */
  saidData(): void {
    this.#hasSaid = true;
    this.#updatesDue += UPDATES_EARNED;
  }
}
