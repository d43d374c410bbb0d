/**
 * The services of a server, laid out for one lookup a call: path → what to run.
 */
import type { DescMessage, DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { Status } from "../../../errors.ts";
import type { CallStatus, ServiceBinding } from "../../../rpc/index.ts";
import { type FrameEncoder, frameEncoder } from "./encoder.ts";

export type UnaryFunction = (request: Message, context: HandlerContext) => Message | Promise<Message>;
export type ServerStreamFunction = (request: Message, context: HandlerContext) => AsyncIterable<Message>;
export type ClientStreamFunction = (requests: AsyncIterable<Message>, context: HandlerContext) => Promise<Message>;
export type BidiFunction = (requests: AsyncIterable<Message>, context: HandlerContext) => AsyncIterable<Message>;

interface MethodBase {
  readonly service: DescService;
  readonly method: DescMethod;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly encoder: FrameEncoder;
}

export type Method = MethodBase &
  (
    | { readonly kind: "unary"; readonly run: UnaryFunction }
    | { readonly kind: "server_streaming"; readonly run: ServerStreamFunction }
    | { readonly kind: "client_streaming"; readonly run: ClientStreamFunction }
    | { readonly kind: "bidi_streaming"; readonly run: BidiFunction }
  );

export class MethodTable {
  readonly #methods = new Map<string, Method>();
  readonly #services = new Set<string>();

  constructor(bindings: readonly ServiceBinding[]) {
    for (const { service, impl } of bindings) {
      this.#services.add(service.typeName);
      for (const method of service.methods) {
        const run: unknown = (impl as Record<string, unknown>)[method.localName];
        if (typeof run !== "function") continue;
        this.#methods.set(`/${service.typeName}/${method.name}`, {
          service,
          method,
          input: method.input,
          output: method.output,
          encoder: frameEncoder(method.output),
          kind: method.methodKind,
          run: run.bind(impl),
        } as Method);
      }
    }
  }

  get(path: string): Method | undefined {
    return this.#methods.get(path);
  }

  /** grpc-go's answer to a path that leads nowhere. */
  unknown(path: string): CallStatus {
    const slash = path.lastIndexOf("/");
    if (!path.startsWith("/") || slash < 1) {
      return { code: Status.UNIMPLEMENTED, message: `malformed method name: ${JSON.stringify(path)}` };
    }
    const service = path.slice(1, slash);
    const message = this.#services.has(service)
      ? `unknown method ${path.slice(slash + 1)} for service ${service}`
      : `unknown service ${service}`;
    return { code: Status.UNIMPLEMENTED, message };
  }
}
