/**
 * Unary calls of Connect's protocol over a port: what Connect's own transport does, without Headers, signals and
 * streams that nobody asks for. They are made when somebody does.
 */
import { create, type DescMessage, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { createDeadlineSignal, createLinkedAbortController, createMethodUrl } from "@connectrpc/connect/protocol";
import {
  codeFromHttpStatus,
  contentTypeUnaryProto,
  errorFromJsonBytes,
  trailerDemux,
} from "@connectrpc/connect/protocol-connect";
import { type HeaderList, headerList, headersOf, type WholeRequest, type WholeResponse } from "../bridge/messages.ts";

const HEADER: HeaderList = [
  ["content-type", contentTypeUnaryProto],
  ["connect-protocol-version", "1"],
];

export type WholeCall = (request: WholeRequest, signal: AbortSignal | undefined) => Promise<WholeResponse>;

/** @param call sends a request and brings its response */
export function unaryTransport(call: WholeCall, baseUrl: string): Transport["unary"] {
  return async (method, signal, timeoutMs, header, message) => {
    const url = createMethodUrl(baseUrl, method);
    const body = toBinary(method.input, create(method.input, message));
    const timeout = timeoutMs === undefined || timeoutMs <= 0 ? undefined : timeoutMs;
    const list = header === undefined && timeout === undefined ? HEADER : requestHeader(header, timeout);
    const request = { url, header: list, body };
    const response =
      timeout === undefined ? await call(request, signal) : await withDeadline(call, request, signal, timeout);
    return unaryResponse(method, response);
  };
}

function requestHeader(header: HeadersInit | undefined, timeoutMs: number | undefined): HeaderList {
  const list = [...HEADER, ...headerList(new Headers(header))];
  if (timeoutMs !== undefined) list.push(["connect-timeout-ms", String(Math.ceil(timeoutMs))]);
  return list;
}

async function withDeadline(
  call: WholeCall,
  request: WholeRequest,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<WholeResponse> {
  const deadline = createDeadlineSignal(timeoutMs);
  try {
    return await call(request, createLinkedAbortController(signal, deadline.signal).signal);
  } finally {
    deadline.cleanup();
  }
}

function unaryResponse<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  response: WholeResponse,
): UnaryResponse<I, O> {
  const { status, header, body } = response;
  if (status !== 200) {
    const fallback = new ConnectError(`HTTP ${status}`, codeFromHttpStatus(status));
    throw errorFromJsonBytes(body, headersOf(header), fallback);
  }
  let split: [Headers, Headers] | undefined;
  const demux = (): [Headers, Headers] => {
    split ??= trailerDemux(headersOf(header));
    return split;
  };
  return {
    stream: false,
    service: method.parent,
    method,
    message: fromBinary(method.output, body),
    get header() {
      return demux()[0];
    },
    get trailer() {
      return demux()[1];
    },
  };
}
