/**
 * Unary calls of Connect's protocol, binary and uncompressed, straight from the message to the method: what
 * nearly every call of a page is. Connect's own handler, which takes every kind, costs several times the method.
 */
import { type DescMethodUnary, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { codeToHttpStatus, contentTypeUnaryProto, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { expectedStatus, faultStatus, LeanContext, type ServiceBinding } from "../../../rpc/index.ts";
import { type HeaderList, headerList, headersOf, type WholeRequest, type WholeResponse } from "../bridge/messages.ts";
import type { WholeCall } from "../bridge/server.ts";

type UnaryFunction = (request: Message, context: HandlerContext) => Message | Promise<Message>;
type Whole = (request: WholeRequest) => WholeCall | undefined;

const PROTO_HEADER: HeaderList = [["content-type", contentTypeUnaryProto]];
const ERROR_HEADER: HeaderList = [["content-type", "application/json"]];
/** A txn may be nested as deep as it may have operations; each level takes two messages. */
const READ_OPTIONS = Object.freeze({ readUnknownFields: false, recursionLimit: 1000 });

export interface UnaryCallsOptions {
  readonly bindings: readonly ServiceBinding[];
  readonly maxMessageBytes: number;
  /** Told of faults of ours: errors that no method throws on purpose. */
  readonly onFault: (path: string, error: unknown) => void;
}

/** For each unary method that is there, by its path; the others are Connect's to refuse. */
export function unaryCalls({ bindings, maxMessageBytes, onFault }: UnaryCallsOptions): ReadonlyMap<string, Whole> {
  const calls = new Map<string, Whole>();
  for (const { service, impl } of bindings) {
    for (const method of service.methods) {
      const run = (impl as Record<string, unknown>)[method.localName];
      if (method.methodKind !== "unary" || typeof run !== "function") continue;
      const path = `/${service.typeName}/${method.name}`;
      const unary = new UnaryMethod(method as DescMethodUnary, run.bind(impl), (error) => onFault(path, error));
      calls.set(path, (request) => (request.body.length > maxMessageBytes ? undefined : unary.call(request)));
    }
  }
  return calls;
}

class UnaryMethod {
  readonly #method: DescMethodUnary;
  readonly #run: UnaryFunction;
  readonly #onFault: (error: unknown) => void;

  constructor(method: DescMethodUnary, run: UnaryFunction, onFault: (error: unknown) => void) {
    this.#method = method;
    this.#run = run;
    this.#onFault = onFault;
  }

  call(request: WholeRequest): WholeCall | undefined {
    if (!isPlain(request.header)) return undefined;
    const context = new UnaryContext(this.#method, request);
    return { response: this.#respond(request, context), abort: (reason) => context.abort(reason) };
  }

  #respond(request: WholeRequest, context: UnaryContext): WholeResponse | Promise<WholeResponse> {
    let message: Message;
    try {
      message = fromBinary(this.#method.input, request.body, READ_OPTIONS);
    } catch (error) {
      return failure(ConnectError.from(error, Code.InvalidArgument));
    }
    try {
      const response = this.#run(message, context);
      if (!("then" in response)) return this.#success(response, context);
      return response.then(
        (message) => this.#success(message, context),
        (error: unknown) => this.#failure(error, context),
      );
    } catch (error) {
      return this.#failure(error, context);
    }
  }

  #success(message: Message, context: UnaryContext): WholeResponse {
    return { status: 200, header: context.respondedHeader(PROTO_HEADER), body: toBinary(this.#method.output, message) };
  }

  #failure(error: unknown, context: UnaryContext): WholeResponse {
    if (context.aborted && error === context.signal.reason) return failure(ConnectError.from(error, Code.Canceled));
    if (error instanceof ConnectError) return failure(error);
    let status = expectedStatus(error);
    if (status === undefined) {
      status = faultStatus(error);
      this.#onFault(error);
    }
    return failure(new ConnectError(status.message, status.code as Code));
  }
}

/** Binary and uncompressed. */
function isPlain(header: HeaderList): boolean {
  let proto = false;
  for (const [name, value] of header) {
    if (name === "content-type") proto = value === contentTypeUnaryProto;
    else if (name === "content-encoding" && value !== "identity") return false;
  }
  return proto;
}

function failure(error: ConnectError): WholeResponse {
  const header = [...ERROR_HEADER, ...headerList(error.metadata)];
  return { status: codeToHttpStatus(error.code), header, body: errorToJsonBytes(error, undefined) };
}

class UnaryContext extends LeanContext {
  readonly protocolName = "connect";
  readonly method: DescMethodUnary;
  readonly #request: WholeRequest;
  readonly #startMs = performance.now();

  constructor(method: DescMethodUnary, request: WholeRequest) {
    super();
    this.method = method;
    this.#request = request;
  }

  get url(): string {
    return this.#request.url;
  }

  /** The client ends the call at its deadline. */
  timeoutMs(): number | undefined {
    const timeout = this.requestHeader.get("connect-timeout-ms");
    return timeout === null ? undefined : Number(timeout) - (performance.now() - this.#startMs);
  }

  get requestHeader(): Headers {
    return headersOf(this.#request.header);
  }

  header(name: string): string | undefined {
    return this.#request.header.find(([one]) => one === name)?.[1];
  }

  /** What the method set, if it set any, behind what every response has. */
  respondedHeader(base: HeaderList): HeaderList {
    if (this.setResponseHeader === undefined && this.setResponseTrailer === undefined) return base;
    const trailer = headerList(this.setResponseTrailer).map(([name, value]) => [`trailer-${name}`, value] as const);
    return [...base, ...headerList(this.setResponseHeader), ...trailer];
  }
}
