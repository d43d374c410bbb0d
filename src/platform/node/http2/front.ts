/** The HTTP/2 connections of a server, by node:http2: what each may take, and how long it may be silent. */
import http2, { type IncomingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import type { Clock } from "../../../server/index.ts";
import { NodeStream } from "../grpc/node-stream.ts";
import type { CallSession, CallStream } from "../grpc/stream.ts";
import type { HttpRequest, HttpResponse } from "../http/types.ts";
import type { Limits } from "../limits.ts";
import { originOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import type { RefusalLog } from "../refusal-log.ts";
import { Conduct, endCalmly } from "./conduct.ts";
import type { Http2Connections } from "./connections.ts";
import { endWhenIdle } from "./idle.ts";
import { type KeepAliveTimes, keepAlive } from "./keepalive.ts";
import { endWhenUnfinished } from "./unfinished.ts";

export interface Http2FrontOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly keepAlive: KeepAliveTimes | undefined;
  readonly refusals: RefusalLog;
  readonly log: Log;
  /** What is still read of a request that has its answer. */
  readonly maxMessageBytes: number;
  /** Whether one of those calls is open that `onCall` answers true for. */
  readonly hasCalls: (session: CallSession) => boolean;
  /** Serves gRPC, and says of itself that a client has left; false for what is none. */
  readonly onCall: (stream: CallStream, headers: IncomingHttpHeaders) => boolean;
  /** Serves anything else. */
  readonly onRequest: (request: HttpRequest, response: HttpResponse) => void;
}

const MAX_STREAM_ID = 2 ** 31 - 1;
const MIB = 1024 * 1024;
/** So that clients on a fast network do not wait for it, however many streams they have. */
const CONNECTION_WINDOW_BYTES = 16 * MIB;
/** Bun then opens the windows of streams again only after as many bytes, which these never let through. */
const CAN_WIDEN = !("bun" in process.versions);
/** What node:http2 and nghttp2 keep for a stream, its headers under way included. */
const STREAM_BYTES = 8 * 1024;
/** Clients send a dozen. Cookies in crumbs are the only ones that come in numbers. */
const MAX_HEADER_PAIRS = 128;
/** Of a client's settings six are known; a frame has room for 2,700. */
const MAX_SETTINGS_PAIRS = 32;
/** Frames for streams that we have reset may still be under way: a window full of small ones. */
const MAX_INVALID_FRAMES = 1000;
/** Streams that are refused for want of memory before the connection is. */
const MAX_REJECTED_STREAMS = 100;

/** What is known of a connection beside its calls. */
interface Connection {
  readonly session: http2.ServerHttp2Session;
  readonly conduct: Conduct;
  /** Open streams of which the calls know nothing. */
  otherStreams: number;
}

export class Http2Front implements Http2Connections {
  readonly #options: Http2FrontOptions;
  readonly #server: http2.Http2Server;
  /** Turns streams into requests and responses; it never sees a socket. */
  readonly #compatibility = http2.createServer();
  readonly #connections = new Map<object, Connection>();

  constructor(options: Http2FrontOptions) {
    this.#options = options;
    this.#server = http2.createServer(serverOptions(options.limits));
    this.#server.on("session", (session) => this.#opened(session));
    this.#server.on("sessionError", (error) => {
      options.log.debug("an HTTP/2 connection failed", { error: error.message });
    });
    this.#compatibility.on("request", options.onRequest);
    this.#server.on("stream", (stream, headers, flags, rawHeaders) => {
      const { session } = stream;
      if (options.onCall(new NodeStream(stream, options.maxMessageBytes, options.log), headers)) return;
      this.#compatibility.emit("stream", stream, headers, flags, rawHeaders);
      if (session !== undefined) this.#other(session, stream);
    });
  }

  connect(socket: Socket): void {
    // Left half-open, a client that goes away in the midst of a stream would never be noticed.
    socket.allowHalfOpen = false;
    this.#server.emit("connection", socket);
  }

  /** The client has ended a call before it had any answer. */
  left(session: CallSession): void {
    this.#connections.get(session)?.conduct.reset();
  }

  /** Ends a connection for the bytes that wait for it. */
  evict(connection: object, bytes: number): void {
    const session = this.#connections.get(connection)?.session;
    if (session === undefined || session.destroyed) return;
    const fields = { from: originOf(session.socket), bytes };
    this.#options.refusals.add("max-buffer-bytes", "a connection was ended whose client does not read", fields);
    endCalmly(session, "too_many_bytes_buffered");
  }

  /**
   * As the engine does: a GOAWAY that refuses nothing, and a ping, whose answer comes behind all that was sent. But
   * nghttp2 reads nothing more of a connection without a stream once it has sent a GOAWAY: that one is closed.
   */
  async leave(withinMs: number): Promise<void> {
    const sessions = [...this.#connections.values()].map(({ session }) => session);
    await Promise.all(
      sessions.map(async (session) => {
        if (this.#hasCalls(session)) await goodbye(session, withinMs);
        session.close();
      }),
    );
  }

  /** No new streams; those that are open go on. */
  close(): void {
    for (const { session } of this.#connections.values()) session.close();
  }

  #opened(session: http2.ServerHttp2Session): void {
    const { limits, clock, refusals, keepAlive: times, log } = this.#options;
    const hasCalls = (): boolean => this.#hasCalls(session);
    const conduct = new Conduct(session, {
      clock,
      minTimeMs: limits.grpcKeepaliveMinTimeMs,
      maxSettingsFrames: limits.maxSettingsFrames,
      maxStreamResets: limits.maxStreamResets,
      hasCalls,
      refusals,
    });
    this.#connections.set(session, { session, conduct, otherStreams: 0 });
    session.on("close", () => this.#connections.delete(session));
    if (CAN_WIDEN) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    if (times !== undefined && times.intervalMs > 0 && times.timeoutMs > 0)
      keepAlive(session, { ...times, clock, log });
    const timeoutMs = limits.requestTimeoutMs;
    endWhenUnfinished(session, { clock, timeoutMs, end: () => this.#unfinished(session) });
    endWhenIdle(session, { clock, timeoutMs: limits.connectionIdleTimeoutMs, hasCalls, log });
  }

  #unfinished(session: http2.ServerHttp2Session): void {
    const fields = { from: originOf(session.socket) };
    this.#options.refusals.add("request-timeout", "a connection was ended in the midst of a frame", fields);
    endCalmly(session, "frame_not_finished");
  }

  #hasCalls(session: CallSession): boolean {
    return (this.#connections.get(session)?.otherStreams ?? 0) > 0 || this.#options.hasCalls(session);
  }

  #other(session: CallSession, stream: http2.ServerHttp2Stream): void {
    const connection = this.#connections.get(session);
    if (connection === undefined) return;
    connection.otherStreams++;
    stream.once("close", () => {
      connection.otherStreams--;
      if (stream.aborted && !stream.headersSent) connection.conduct.reset();
    });
  }
}

/** Settles when the client has answered, is gone, or has had its time. */
function goodbye(session: http2.ServerHttp2Session, withinMs: number): Promise<void> {
  session.goaway(http2.constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    const heard = (): void => {
      clearTimeout(timer);
      resolve();
    };
    session.once("close", heard);
    session.ping(heard);
  });
}

function serverOptions(limits: Limits): http2.ServerOptions {
  const streamBytes = limits.maxConcurrentStreams * STREAM_BYTES;
  return {
    settings: {
      initialWindowSize: limits.maxStreamBufferBytes,
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderBytes,
    },
    maxHeaderListPairs: MAX_HEADER_PAIRS,
    maxSettings: MAX_SETTINGS_PAIRS,
    maxSessionInvalidFrames: MAX_INVALID_FRAMES,
    maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
    // Past it new streams are refused. All that are allowed fit in, and twice the replies that may wait: one more
    // than those may be large.
    maxSessionMemory: Math.ceil((streamBytes + 2 * limits.maxConnectionBufferBytes) / MIB),
    // All streams there may be, canceled at once, are in order; of calls without an answer Conduct lets fewer pass.
    streamResetBurst: limits.maxConcurrentStreams + limits.maxStreamResets,
    streamResetRate: limits.maxConcurrentStreams,
  };
}
