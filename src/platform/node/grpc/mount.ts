/**
 * gRPC straight on HTTP/2 streams, without node:http2's compatibility API and without Connect's pipeline:
 * the road of every native gRPC client. What is not plain gRPC (gRPC-Web, Connect, JSON, compressed messages)
 * is handed back to the caller, for Connect's router.
 */
import type { IncomingHttpHeaders } from "node:http2";
import { Status } from "../../../errors.ts";
import { type CallStatus, MAX_TIMER_MS } from "../../../rpc/index.ts";
import type { Clock } from "../../../server/index.ts";
import type { Log } from "../log.ts";
import type { Traffic } from "../metrics/traffic.ts";
import type { RefusalLog } from "../refusal-log.ts";
import type { Buffers } from "./buffers.ts";
import type { Call, CallHost, CallOptions } from "./call.ts";
import { LinkedList } from "./linked-list.ts";
import type { Method, MethodTable } from "./methods.ts";
import { DEADLINE_EXCEEDED, SERVER_STOPPED, trailersOf } from "./status.ts";
import type { CallSession, CallStream, ResponseHeaders } from "./stream.ts";
import { StreamCall } from "./streaming.ts";
import { parseGrpcTimeout } from "./timeout.ts";
import { UnaryCall } from "./unary.ts";

const CONTENT_TYPE = "application/grpc";

function responseHeaders(contentType: string): ResponseHeaders {
  return Object.freeze({ ":status": 200, "content-type": contentType });
}
const PLAIN_HEADERS = responseHeaders(CONTENT_TYPE);
const PROTO_HEADERS = responseHeaders(`${CONTENT_TYPE}+proto`);

export interface GrpcMountOptions {
  readonly methods: MethodTable;
  readonly maxMessageBytes: number;
  readonly maxMessageDepth: number;
  /** Calls that are open at once. */
  readonly maxOpenCalls: number;
  /** For a message to arrive as a whole; 0 for no limit. */
  readonly requestTimeoutMs: number;
  readonly buffers: Buffers;
  readonly clock: Clock;
  /** A client has ended a call before it had any answer. */
  readonly left: (session: CallSession) => void;
  readonly refusals: RefusalLog;
  readonly log: Log;
  readonly traffic: Traffic;
}

export class GrpcMount implements CallHost {
  readonly maxMessageBytes: number;
  readonly maxMessageDepth: number;
  readonly buffers: Buffers;
  readonly log: Log;
  readonly open = new LinkedList<Call>();
  readonly traffic: Traffic;
  readonly #options: GrpcMountOptions;
  readonly #methods: MethodTable;
  #stopped = false;
  #isWatchingTime = false;

  constructor(options: GrpcMountOptions) {
    this.#options = options;
    this.#methods = options.methods;
    this.maxMessageBytes = options.maxMessageBytes;
    this.maxMessageDepth = options.maxMessageDepth;
    this.buffers = options.buffers;
    this.log = options.log;
    this.traffic = options.traffic;
  }

  /** @returns false for a request that is not plain gRPC: nothing has been done with it */
  serve(stream: CallStream, headers: IncomingHttpHeaders): boolean {
    const replyHeaders = replyHeadersFor(headers["content-type"]);
    if (replyHeaders === undefined) return false;
    const method = this.#methods.get(headers[":path"] ?? "");
    const refusal = this.#refusal(method, headers);
    if (refusal !== undefined) {
      refuse(stream, replyHeaders, refusal.status, refusal.httpStatus);
      return true;
    }
    if (headers["grpc-encoding"] === "gzip") return false;
    this.#start(method as Method, stream, headers, replyHeaders);
    return true;
  }

  /** Whether a call is open on the connection; looks at all of them. */
  hasCalls(session: CallSession): boolean {
    return this.open.some((call) => call.session === session);
  }

  /** Whether a call is open whose method does not have what its client has begun to send; looks at all of them. */
  isReading(): boolean {
    return this.open.some((call) => call.isReading());
  }

  left({ session }: Call): void {
    if (session !== undefined) this.#options.left(session);
  }

  /** Ends every call, and refuses those to come. */
  stop(): void {
    this.#stopped = true;
    for (const call of this.open.toArray()) call.end(SERVER_STOPPED);
  }

  #start(method: Method, stream: CallStream, headers: IncomingHttpHeaders, reply: ResponseHeaders): void {
    const timeout = headers["grpc-timeout"];
    let timeoutMs: number | undefined;
    if (timeout !== undefined) {
      const parsed = parseGrpcTimeout(String(timeout));
      if (typeof parsed !== "number") {
        const status = { code: Status.INTERNAL, message: `malformed grpc-timeout: ${parsed.error}` };
        refuse(stream, reply, status, 400);
        return;
      }
      timeoutMs = parsed;
    }
    // Run out before a reply could leave.
    if (timeoutMs !== undefined && timeoutMs < 0.1) {
      refuse(stream, reply, DEADLINE_EXCEEDED);
      return;
    }
    const options: CallOptions = {
      host: this,
      method,
      stream,
      headers,
      deadlineMs: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
      responseHeaders: reply,
    };
    const call = method.kind === "unary" ? new UnaryCall(options, method.run) : new StreamCall(options, method);
    call.start();
    if (!this.#isWatchingTime) this.#watchTime();
    if (timeoutMs !== undefined && timeoutMs <= MAX_TIMER_MS) call.endAfter(timeoutMs, DEADLINE_EXCEEDED);
  }

  /** As long as there are calls; what is overdue is found within half the time again. */
  #watchTime(): void {
    const { clock, requestTimeoutMs, refusals } = this.#options;
    if (requestTimeoutMs <= 0) return;
    this.#isWatchingTime = this.open.size > 0;
    if (!this.#isWatchingTime) return;
    clock.setTimer(requestTimeoutMs / 2, () => {
      for (const call of this.open.toArray()) {
        if (!call.isOverdue()) continue;
        refusals.add("request-timeout", "a call was ended, as its request did not arrive", { requestTimeoutMs });
        const message = `etcdlite: no whole request within ${requestTimeoutMs} ms, see --request-timeout`;
        call.end({ code: Status.DEADLINE_EXCEEDED, message });
      }
      this.#watchTime();
    });
  }

  #tooManyCalls(): CallStatus {
    const { maxOpenCalls, refusals } = this.#options;
    refusals.add("max-open-calls", "a call was refused", { maxOpenCalls });
    const message = `etcdlite: ${maxOpenCalls} calls are open, the most that --max-open-calls allows`;
    return { code: Status.RESOURCE_EXHAUSTED, message };
  }

  /** Why a call cannot even begin, in grpc-go's words. */
  #refusal(
    method: Method | undefined,
    headers: IncomingHttpHeaders,
  ): { readonly status: CallStatus; readonly httpStatus?: number } | undefined {
    if (this.#stopped) return { status: SERVER_STOPPED };
    if (this.open.size >= this.#options.maxOpenCalls) return { status: this.#tooManyCalls() };
    const verb = headers[":method"];
    if (verb !== "POST") {
      const message = `Received a HEADERS frame with :method ${JSON.stringify(verb)} which should be POST`;
      return { status: { code: Status.INTERNAL, message }, httpStatus: 405 };
    }
    if (method === undefined) return { status: this.#methods.unknown(headers[":path"] ?? "") };
    const encoding = headers["grpc-encoding"];
    if (encoding === undefined || encoding === "" || encoding === "identity" || encoding === "gzip") {
      return undefined;
    }
    const message = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}`;
    return { status: { code: Status.UNIMPLEMENTED, message } };
  }
}

/**
 * The headers of the reply to plain gRPC, undefined for anything else. etcd reads protobuf whatever the
 * subtype says; of those only `json` means something else to us, as it does to Connect.
 */
function replyHeadersFor(contentType: string | undefined): ResponseHeaders | undefined {
  if (contentType === CONTENT_TYPE) return PLAIN_HEADERS;
  if (contentType === undefined || !contentType.startsWith(CONTENT_TYPE)) return undefined;
  if (contentType === `${CONTENT_TYPE}+proto`) return PROTO_HEADERS;
  const [separator, subtype] = [contentType[CONTENT_TYPE.length], contentType.slice(CONTENT_TYPE.length + 1)];
  if (separator === ";") return PLAIN_HEADERS;
  if (separator !== "+" || /^json\b/.test(subtype)) return undefined;
  return responseHeaders(contentType);
}

function refuse(stream: CallStream, reply: ResponseHeaders, status: CallStatus, httpStatus = 200): void {
  stream.respondOnly({ ...reply, ...trailersOf(status), ":status": httpStatus });
}
