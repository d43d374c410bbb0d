/**
 * Connect and gRPC-Web, as far as they are about one request and one reply that are whole:
 *
 *     Connect     the body is the message; errors are JSON and a status of HTTP; trailers are headers, `trailer-…`
 *     gRPC-Web    messages have a prefix of five bytes; the status is in a last one, which holds trailers
 */
import type { ConnectError } from "@connectrpc/connect";
import { mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus, trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { newBytes } from "../newbytes.ts";
import { TIMEOUT_UNIT_MS } from "../timeout.ts";
import type { WebContext, WebHead } from "./context.ts";

/** Names in lower case; one may be there several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What goes back to the client, but for the headers that say how long the body is. */
export interface WebReply {
  readonly status: number;
  readonly header: HeaderList;
  readonly body: Uint8Array;
}

/** Where a reply begins: with its content type alone, unless the method has set headers. */
type Meta = Pick<WebContext, "setResponseHeader" | "setResponseTrailer">;

export interface WebProtocol {
  readonly name: string;
  /** Undefined for a body that is not one whole message. */
  message(body: Uint8Array, head: WebHead): Uint8Array | undefined;
  success(contentType: HeaderList, message: Uint8Array, meta: Meta): WebReply;
  failure(contentType: HeaderList, error: ConnectError, meta: Meta): WebReply;
}

const JSON_TYPE: HeaderList = [["content-type", "application/json"]];

export const CONNECT: WebProtocol = {
  name: "connect",

  message(body, head) {
    const announced = head.header("content-length");
    return announced === undefined || Number(announced) === body.length ? body : undefined;
  },

  success(contentType, body, meta) {
    return { status: 200, header: connectHeader(contentType, meta), body };
  },

  failure(_, error, meta) {
    const { setResponseHeader, setResponseTrailer } = meta;
    const all = new Headers(setResponseHeader);
    mergeNonProtocolHeaders(all, error.metadata);
    const header = connectHeader(JSON_TYPE, { setResponseHeader: all, setResponseTrailer });
    return { status: codeToHttpStatus(error.code), header, body: errorToJsonBytes(error, undefined) };
  },
};

function connectHeader(contentType: HeaderList, { setResponseHeader, setResponseTrailer }: Meta): HeaderList {
  if (setResponseHeader === undefined && setResponseTrailer === undefined) return contentType;
  const trailers = [...(setResponseTrailer ?? [])].map(([name, value]) => [`trailer-${name}`, value] as const);
  return [...contentType, ...(setResponseHeader ?? []), ...trailers];
}

const PREFIX_BYTES = 5;
const OK = { "grpc-status": "0" };
let okTrailers: Uint8Array | undefined;

const GRPC_WEB: WebProtocol = {
  name: "grpc-web",

  message(body) {
    const length = body.length - PREFIX_BYTES;
    if (length < 0 || body[0] !== 0) return undefined;
    const [, a = 0, b = 0, c = 0, d = 0] = body;
    const announced = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    return announced === length ? body.subarray(PREFIX_BYTES) : undefined;
  },

  success(contentType, message, { setResponseHeader, setResponseTrailer }) {
    let trailers: Uint8Array;
    if (setResponseTrailer === undefined) {
      okTrailers ??= trailerSerialize(new Headers(OK));
      trailers = okTrailers;
    } else {
      const all = new Headers(OK);
      for (const [name, value] of setResponseTrailer) all.append(name, value);
      trailers = trailerSerialize(all);
    }
    const body = newBytes(2 * PREFIX_BYTES + message.length + trailers.length);
    writeEnvelope(body, 0, 0, message);
    writeEnvelope(body, PREFIX_BYTES + message.length, trailerFlag, trailers);
    return { status: 200, header: [...contentType, ...(setResponseHeader ?? [])], body };
  },

  failure(contentType, error, { setResponseHeader, setResponseTrailer }) {
    const trailers = trailerSerialize(setTrailerStatus(new Headers(setResponseTrailer), error));
    const body = new Uint8Array(PREFIX_BYTES + trailers.length);
    writeEnvelope(body, 0, trailerFlag, trailers);
    return { status: 200, header: [...contentType, ...(setResponseHeader ?? [])], body };
  },
};

function writeEnvelope(target: Uint8Array, at: number, flags: number, content: Uint8Array): void {
  target[at] = flags;
  for (let i = 1; i < PREFIX_BYTES; i++) target[at + i] = content.length >>> (8 * (PREFIX_BYTES - 1 - i));
  target.set(content, at + PREFIX_BYTES);
}

/** How a request asks to be answered, by its content type. */
export interface Form {
  readonly protocol: WebProtocol;
  readonly isJson: boolean;
  readonly replyType: HeaderList;
  /** Of the whole body, or of messages. */
  readonly encodingHeader: string;
  readonly timeoutHeader: string;
}

const connect = { protocol: CONNECT, encodingHeader: "content-encoding", timeoutHeader: "connect-timeout-ms" };
const grpcWeb = { protocol: GRPC_WEB, encodingHeader: "grpc-encoding", timeoutHeader: "grpc-timeout" };
const CONNECT_PROTO: Form = { ...connect, isJson: false, replyType: [["content-type", "application/proto"]] };
const CONNECT_JSON: Form = { ...connect, isJson: true, replyType: JSON_TYPE };
const WEB_PROTO: Form = { ...grpcWeb, isJson: false, replyType: [["content-type", "application/grpc-web+proto"]] };
const WEB_JSON: Form = { ...grpcWeb, isJson: true, replyType: [["content-type", "application/grpc-web+json"]] };

const FORMS: ReadonlyMap<string, Form> = new Map([
  ["application/proto", CONNECT_PROTO],
  ["application/json", CONNECT_JSON],
  ["application/json; charset=utf-8", CONNECT_JSON],
  ["application/json;charset=utf-8", CONNECT_JSON],
  ["application/grpc-web", WEB_PROTO],
  ["application/grpc-web+proto", WEB_PROTO],
  ["application/grpc-web+json", WEB_JSON],
]);

/**
 * How a request that the lean road can take is to be read; undefined for what is the router's: GET, streams' content
 * types, messages that are compressed, and headers that make no sense.
 */
export function leanFormOf(head: WebHead): Form | undefined {
  const form = FORMS.get(head.header("content-type") ?? "");
  if (form === undefined || head.httpMethod !== "POST") return undefined;
  if ((head.header(form.encodingHeader) ?? "identity") !== "identity") return undefined;
  // Replies in envelopes are compressed by the router.
  if (form.protocol === GRPC_WEB && head.header("grpc-accept-encoding") !== undefined) return undefined;
  const timeout = head.header(form.timeoutHeader);
  return timeout === undefined || timeoutMsOf(form, timeout) !== undefined ? form : undefined;
}

/** Milliseconds; undefined for what is no timeout. */
export function timeoutMsOf({ protocol }: Form, text: string): number | undefined {
  if (protocol === CONNECT) return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(digits) * (TIMEOUT_UNIT_MS[unit] as number);
}
