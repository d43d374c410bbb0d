/**
 * gRPC straight on HTTP/2 streams, without node:http2's compatibility API and without Connect's pipeline:
 * the road of every native gRPC client. What is not plain gRPC (gRPC-Web, Connect, JSON, compressed messages)
 * is handed back to the caller, for Connect's router.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Status } from "../../../errors.ts";
import { type CallStatus, MAX_TIMER_MS } from "../../../rpc/index.ts";
import type { Log } from "../log.ts";
import type { Traffic } from "../metrics/traffic.ts";
import { type Call, type CallHost, type CallOptions, WITHOUT_BODY } from "./call.ts";
import { drain } from "./drain.ts";
import { LinkedList } from "./linked-list.ts";
import type { Method, MethodTable } from "./methods.ts";
import { DEADLINE_EXCEEDED, SERVER_STOPPED, trailersOf } from "./status.ts";
import { StreamCall } from "./streaming.ts";
import { parseGrpcTimeout } from "./timeout.ts";
import { UnaryCall } from "./unary.ts";

const CONTENT_TYPE = "application/grpc";
/** What is still read of a request that was refused by its headers alone. */
const MAX_DRAINED_BYTES = 4 * 1024 * 1024;

type ResponseHeaders = Readonly<Record<string, string | number>>;

function responseHeaders(contentType: string): ResponseHeaders {
  return Object.freeze({ ":status": 200, "content-type": contentType });
}
const PLAIN_HEADERS = responseHeaders(CONTENT_TYPE);
const PROTO_HEADERS = responseHeaders(`${CONTENT_TYPE}+proto`);

export interface GrpcMountOptions {
  readonly methods: MethodTable;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly traffic: Traffic;
}

export class GrpcMount implements CallHost {
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly open = new LinkedList<Call>();
  readonly traffic: Traffic;
  readonly #methods: MethodTable;
  #stopped = false;

  constructor(options: GrpcMountOptions) {
    this.#methods = options.methods;
    this.maxMessageBytes = options.maxMessageBytes;
    this.log = options.log;
    this.traffic = options.traffic;
  }

  /** @returns false for a request that is not plain gRPC: nothing has been done with it */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
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

  /** Ends every call, and refuses those to come. */
  stop(): void {
    this.#stopped = true;
    for (const call of this.open.toArray()) call.end(SERVER_STOPPED);
  }

  #start(method: Method, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, reply: ResponseHeaders): void {
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
    if (timeoutMs !== undefined && timeoutMs <= MAX_TIMER_MS) call.endAfter(timeoutMs, DEADLINE_EXCEEDED);
  }

  /** Why a call cannot even begin, in grpc-go's words. */
  #refusal(
    method: Method | undefined,
    headers: IncomingHttpHeaders,
  ): { readonly status: CallStatus; readonly httpStatus?: number } | undefined {
    if (this.#stopped) return { status: SERVER_STOPPED };
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

function refuse(stream: ServerHttp2Stream, reply: ResponseHeaders, status: CallStatus, httpStatus = 200): void {
  stream.on("error", () => {});
  stream.respond({ ...reply, ...trailersOf(status), ":status": httpStatus }, WITHOUT_BODY);
  drain(stream, MAX_DRAINED_BYTES);
}
