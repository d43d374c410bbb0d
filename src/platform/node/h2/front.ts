/** The HTTP/2 connections of a server, by the engine of src/h2. */
import type { IncomingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import { ErrorCode, type IncomingHeaders, type Stream } from "../../../h2/index.ts";
import type { Clock } from "../../../server/index.ts";
import type { CallStream } from "../grpc/stream.ts";
import type { HttpRequest, HttpResponse } from "../http/types.ts";
import type { Http2Connections } from "../http2/connections.ts";
import { endWhenIdle } from "../http2/idle.ts";
import { type KeepAliveTimes, keepAlive } from "../http2/keepalive.ts";
import type { Limits } from "../limits.ts";
import { originOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import type { RefusalLog } from "../refusal-log.ts";
import { OutputBuffers } from "./buffers.ts";
import { exchange } from "./exchange.ts";
import { EngineSession } from "./session.ts";
import type { Turns } from "./turns.ts";

export interface EngineFrontOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** Of all that keep others waiting. */
  readonly turns: Turns;
  readonly keepAlive: KeepAliveTimes | undefined;
  readonly refusals: RefusalLog;
  readonly log: Log;
  /** Serves gRPC; false for what is none. */
  readonly onCall: (stream: CallStream, headers: IncomingHttpHeaders) => boolean;
  /** Serves anything else. */
  readonly onRequest: (request: HttpRequest, response: HttpResponse) => void;
}

/** By what the engine says when a client goes too far. */
const FLAGS: Readonly<Record<string, string>> = {
  too_many_pings: "grpc-keepalive-min-time",
  too_many_settings: "max-settings-frames",
  too_many_resets: "max-stream-resets",
  "a header block is too long": "max-header-bytes",
  "a header list is too long": "max-header-bytes",
  part_of_a_frame: "handshake-timeout",
  replies_not_taken: "max-connection-buffer-bytes",
};
const DEFAULT_PING_MIN_TIME_MS = 5 * 60_000;

export class EngineFront implements Http2Connections {
  readonly #options: EngineFrontOptions;
  readonly #limits: Limits & { readonly pingMinTimeMs: number };
  readonly #buffers = new OutputBuffers();
  readonly #sessions = new Set<EngineSession>();

  constructor(options: EngineFrontOptions) {
    const { limits } = options;
    this.#options = options;
    this.#limits = { ...limits, pingMinTimeMs: limits.grpcKeepaliveMinTimeMs || DEFAULT_PING_MIN_TIME_MS };
  }

  connect(socket: Socket): void {
    const { clock, turns, keepAlive: times, log } = this.#options;
    // Left half-open, a client that goes away in the midst of a stream would never be noticed.
    socket.allowHalfOpen = false;
    const session = new EngineSession({
      socket,
      buffers: this.#buffers,
      turns,
      limits: this.#limits,
      handshakeTimeoutMs: this.#limits.handshakeTimeoutMs,
      clock,
      request: (_, stream, headers) => this.#request(stream, headers),
      failed: (failed, code, reason, error) => this.#failed(failed, code, reason, error),
      closed: (closed) => this.#sessions.delete(closed),
    });
    this.#sessions.add(session);
    if (times !== undefined && times.intervalMs > 0 && times.timeoutMs > 0) {
      keepAlive(session, { ...times, clock, log });
    }
    const timeoutMs = this.#limits.connectionIdleTimeoutMs;
    endWhenIdle(session, { clock, timeoutMs, hasCalls: () => session.hasStreams, log });
  }

  left(): void {
    // The engine counts the resets itself.
  }

  evict(session: EngineSession, bytes: number): void {
    const fields = { from: originOf(session.socket), bytes };
    this.#options.refusals.add("max-buffer-bytes", "a connection was ended whose client does not read", fields);
    session.fail(ErrorCode.ENHANCE_YOUR_CALM, "too_many_bytes_buffered");
  }

  async leave(withinMs: number): Promise<void> {
    const sessions = [...this.#sessions];
    await Promise.all(sessions.map((session) => new Promise<void>((resolve) => session.leave(withinMs, resolve))));
  }

  close(): void {
    for (const session of this.#sessions) session.leaveNow();
  }

  #request(stream: Stream, headers: IncomingHeaders): void {
    if (this.#options.onCall(stream, headers as IncomingHttpHeaders)) return;
    exchange(stream, headers, this.#options.onRequest);
  }

  #failed({ socket }: EngineSession, code: number, reason: string, error: unknown): void {
    const { refusals, log } = this.#options;
    const from = originOf(socket);
    const flag = FLAGS[reason];
    if (error !== undefined) log.error("the HTTP/2 engine failed", { from, error: String(error) });
    else if (flag !== undefined) refusals.add(flag, "a connection was ended", { from, reason });
    else log.debug("an HTTP/2 connection failed", { from, code, reason });
  }
}
