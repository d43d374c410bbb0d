/** A method's request as each protocol sends it, and its reply as each protocol gives it back. */
import {
  create,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  fromJsonString,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import type { Call, Reply } from "./row.ts";

export type Protocol = "grpc" | "grpc-web" | "grpc-web over HTTP/1.1" | "connect-json" | "gateway";

type Method<I extends DescMessage, O extends DescMessage> =
  | DescMethodUnary<I, O>
  | DescMethodServerStreaming<I, O>
  | DescMethodBiDiStreaming<I, O>;

interface Form {
  readonly http: 1 | 2;
  readonly headers: Readonly<Record<string, string>>;
  encode<M extends DescMessage>(schema: M, message: MessageShape<M>): Uint8Array;
  /** The first message of a reply that is as it should be. */
  decode<M extends DescMessage>(schema: M, reply: Reply): MessageShape<M>;
}

const TRAILERS_FLAG = 0x80;

const GRPC: Form = {
  http: 2,
  headers: { "content-type": "application/grpc", te: "trailers" },
  encode: (schema, message) => frame(toBinary(schema, message)),
  decode(schema, reply) {
    const status = reply.trailers["grpc-status"] ?? reply.headers["grpc-status"];
    if (status !== "0") throw new Error(`grpc-status ${status}: ${reply.headers["grpc-message"] ?? ""}`);
    return fromBinary(schema, frames(reply.body).messages[0] ?? nothing());
  },
};

const GRPC_WEB: Form = {
  ...GRPC,
  headers: { "content-type": "application/grpc-web+proto" },
  decode(schema, reply) {
    const { messages, trailers } = frames(reply.body);
    if (!/^grpc-status: *0\r?$/im.test(trailers)) throw new Error(`trailers ${trailers}`);
    return fromBinary(schema, messages[0] ?? nothing());
  },
};

const JSON_OVER_HTTP: Form = {
  http: 1,
  headers: { "content-type": "application/json" },
  encode: (schema, message) => Buffer.from(toJsonString(schema, message, { useProtoFieldName: true })),
  decode: (schema, reply) => fromJsonString(schema, Buffer.from(reply.body).toString()),
};

const FORMS: Readonly<Record<Protocol, Form>> = {
  grpc: GRPC,
  "grpc-web": GRPC_WEB,
  "grpc-web over HTTP/1.1": { ...GRPC_WEB, http: 1 },
  "connect-json": JSON_OVER_HTTP,
  gateway: JSON_OVER_HTTP,
};

/** @param accepts whether the reply says that what was asked for was done */
export function callOf<I extends DescMessage, O extends DescMessage>(
  protocol: Protocol,
  method: Method<I, O>,
  request: MessageInitShape<I>,
  accepts: (reply: MessageShape<O>) => boolean,
): Call {
  const form = FORMS[protocol];
  return {
    http: form.http,
    path: pathOf(protocol, method),
    headers: form.headers,
    body: form.encode(method.input, create(method.input, request)),
    ...(method.methodKind === "bidi_streaming" && { repeated: true }),
    check(reply) {
      if (reply.status !== 200) throw new Error(`${method.name}: HTTP ${reply.status} ${Buffer.from(reply.body)}`);
      const message = form.decode(method.output, reply);
      if (!accepts(message)) throw new Error(`${method.name}: unexpected ${toJsonString(method.output, message)}`);
    },
  };
}

function pathOf(protocol: Protocol, method: Method<DescMessage, DescMessage>): string {
  if (protocol === "gateway") return `/v3/kv/${method.name.toLowerCase()}`;
  return `/${method.parent.typeName}/${method.name}`;
}

function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}

function frames(body: Uint8Array): { messages: Uint8Array[]; trailers: string } {
  const messages: Uint8Array[] = [];
  let trailers = "";
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at < body.length; ) {
    const content = body.subarray(at + 5, at + 5 + view.getUint32(at + 1));
    if (view.getUint8(at) === TRAILERS_FLAG) trailers += Buffer.from(content).toString();
    else messages.push(content);
    at += 5 + content.length;
  }
  return { messages, trailers };
}

function nothing(): never {
  throw new Error("a reply without a message");
}
