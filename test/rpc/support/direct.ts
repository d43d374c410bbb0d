/** A Connect client whose calls are calls of a service's methods: no network, but everything passes its wire form. */
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type CallOptions, type Client, createHandlerContext, type HandlerContext } from "@connectrpc/connect";
import { EtcdError, Status } from "../../../src/errors.ts";
import type { ServiceBinding } from "../../../src/rpc/index.ts";

type Init = MessageInitShape<DescMessage>;
type Method = (request: unknown, context: HandlerContext) => unknown;

/** Methods that a binding lacks answer UNIMPLEMENTED, as they do once mounted. */
export function directClient<S extends DescService>(service: S, bindings: readonly ServiceBinding[]): Client<S> {
  const binding = bindings.find((candidate) => candidate.service.typeName === service.typeName);
  if (binding === undefined) throw new Error(`${service.typeName} is not served`);
  const impl = binding.impl as Record<string, Method | undefined>;
  const client: Record<string, unknown> = {};
  for (const method of service.methods) {
    client[method.localName] = call(service, method, impl[method.localName] ?? unimplemented);
  }
  return client as Client<S>;
}

function unimplemented(): never {
  throw new EtcdError(Status.UNIMPLEMENTED, "unimplemented");
}

function call(service: DescService, method: DescMethod, impl: Method): unknown {
  const context = (options?: CallOptions): HandlerContext =>
    createHandlerContext({
      service,
      method,
      protocolName: "grpc",
      requestMethod: "POST",
      url: `http://in-process/${service.typeName}/${method.name}`,
      requestSignal: options?.signal,
      requestHeader: new Headers(options?.headers),
      contextValues: options?.contextValues,
    });
  switch (method.methodKind) {
    case "unary":
      return async (init: Init, options?: CallOptions) =>
        throughWire(method.output, await impl(throughWire(method.input, create(method.input, init)), context(options)));
    case "server_streaming":
      return (init: Init, options?: CallOptions) =>
        eachThroughWire(method.output, impl(throughWire(method.input, create(method.input, init)), context(options)));
    default:
      return (inits: AsyncIterable<Init>, options?: CallOptions) =>
        eachThroughWire(method.output, impl(messages(method.input, inits), context(options)));
  }
}

function throughWire(schema: DescMessage, message: unknown): Message {
  return fromBinary(schema, toBinary(schema, message as Message));
}

async function* eachThroughWire(schema: DescMessage, responses: unknown): AsyncGenerator<Message> {
  for await (const response of responses as AsyncIterable<Message>) yield throughWire(schema, response);
}

async function* messages(schema: DescMessage, inits: AsyncIterable<Init>): AsyncGenerator<Message> {
  for await (const init of inits) yield throughWire(schema, create(schema, init));
}
