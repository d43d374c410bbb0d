/**
 * What an HTTP/2 client may do beside its calls, and how often: node:http2 answers each PING and SETTINGS frame and
 * keeps no count. Pings are judged as grpc-go judges them:
 *
 *     after HEADERS or DATA of ours                         welcome, and earlier strikes are forgotten
 *     no call is open, and the last was 2 hours ago         welcome
 *     a call is open, and the last was `minTimeMs` ago      welcome
 *     else                                                  a strike; the third ends the connection
 */
import { constants, type Http2Session, type ServerHttp2Session } from "node:http2";
import type { Clock } from "../../../server/index.ts";
import { originOf } from "../listen/address.ts";
import type { RefusalLog } from "../refusal-log.ts";

export interface ConductOptions {
  readonly clock: Clock;
  readonly minTimeMs: number;
  readonly maxSettingsFrames: number;
  /** Streams that may be reset at once; a tenth of it comes back each second. */
  readonly maxStreamResets: number;
  /** Whether a call is open on the connection. It may take its time: pings are rare, or soon over. */
  readonly hasCalls: () => boolean;
  readonly refusals: RefusalLog;
}

const MAX_PING_STRIKES = 2;
const DEFAULT_MIN_TIME_MS = 5 * 60_000;
const MIN_TIME_WITHOUT_CALLS_MS = 2 * 60 * 60_000;
const SETTINGS_PERIOD_MS = 10_000;
/** The answer to a ping. */
const PING_ACK_BYTES = 17;

export class Conduct {
  readonly #session: ServerHttp2Session;
  readonly #options: ConductOptions;
  #strikes = 0;
  #lastPingMs = -Infinity;
  #pings = 0;
  /** What was sent beside answers to pings, as far as it was known. */
  #sentBytes = 0;
  #settingsFrames = 0;
  #settingsSinceMs = -Infinity;
  #resets = 0;
  #resetsAtMs: number;

  constructor(session: ServerHttp2Session, options: ConductOptions) {
    this.#session = session;
    this.#options = options;
    this.#resetsAtMs = options.clock.now();
    session.on("ping", () => this.#ping());
    session.on("remoteSettings", () => this.#settings());
  }

  /** The client has reset a stream before it had any answer. */
  reset(): void {
    const { clock, maxStreamResets } = this.#options;
    const now = clock.now();
    const returned = ((now - this.#resetsAtMs) / 1000) * (maxStreamResets / 10);
    this.#resets = Math.max(0, this.#resets - returned) + 1;
    this.#resetsAtMs = now;
    if (this.#resets > maxStreamResets) this.#end("too_many_resets", "max-stream-resets");
  }

  #ping(): void {
    const now = this.#options.clock.now();
    const sinceMs = now - this.#lastPingMs;
    this.#lastPingMs = now;
    if (this.#hasSent()) this.#strikes = 0;
    else if (sinceMs < this.#minTimeMs() && ++this.#strikes > MAX_PING_STRIKES) {
      // grpc-go's words: clients of gRPC know them, and wait longer after them.
      this.#end("too_many_pings", "grpc-keepalive-min-time");
    }
  }

  #minTimeMs(): number {
    const { minTimeMs, hasCalls } = this.#options;
    if (minTimeMs < 0) return minTimeMs;
    if (!hasCalls()) return MIN_TIME_WITHOUT_CALLS_MS;
    return minTimeMs === 0 ? DEFAULT_MIN_TIME_MS : minTimeMs;
  }

  /**
   * Whether anything but answers to pings has left since the last one: of a large reply DATA goes on leaving for long
   * after it was written, and clients of gRPC ping as it comes. Answers that have not left are counted all the same.
   */
  #hasSent(): boolean {
    const sentBytes = this.#session.socket.bytesWritten - PING_ACK_BYTES * this.#pings++;
    if (sentBytes <= this.#sentBytes) return false;
    this.#sentBytes = sentBytes;
    return true;
  }

  #settings(): void {
    const { clock, maxSettingsFrames } = this.#options;
    const now = clock.now();
    if (now - this.#settingsSinceMs > SETTINGS_PERIOD_MS) {
      this.#settingsSinceMs = now;
      this.#settingsFrames = 0;
    }
    if (++this.#settingsFrames > maxSettingsFrames) this.#end("too_many_settings", "max-settings-frames");
  }

  #end(reason: string, flag: string): void {
    if (this.#session.destroyed) return;
    this.#options.refusals.add(flag, "a connection was ended", { from: originOf(this.#session.socket), reason });
    endCalmly(this.#session, reason);
  }
}

/** Says why, and closes without waiting for the calls that are open. */
export function endCalmly(session: Http2Session, reason: string): void {
  if (session.destroyed) return;
  session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from(reason));
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
