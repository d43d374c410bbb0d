/** Replies that are whole: their status and headers as etcd's gateway sends them (rule HT4). */
import { Status } from "../../errors.ts";
import { encodeStatus } from "../json/encoder.ts";
import type { CallStatus } from "../status.ts";

/** What goes back to the client. */
export interface GatewayReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export const JSON_TYPE: Readonly<Record<string, string>> = { "Content-Type": "application/json" };
/** The one header of the gRPC call behind the gateway of an etcd; it hands it on, and so it is expected. */
export const SUCCESS_HEADERS: Readonly<Record<string, string>> = {
  ...JSON_TYPE,
  "Grpc-Metadata-Content-Type": "application/grpc",
};
const NO_BODY = new Uint8Array(0);

const HTTP_STATUS: Readonly<Record<number, number>> = {
  [Status.OK]: 200,
  [Status.CANCELLED]: 499,
  [Status.INVALID_ARGUMENT]: 400,
  [Status.DEADLINE_EXCEEDED]: 504,
  [Status.NOT_FOUND]: 404,
  [Status.ALREADY_EXISTS]: 409,
  [Status.PERMISSION_DENIED]: 403,
  [Status.RESOURCE_EXHAUSTED]: 429,
  [Status.FAILED_PRECONDITION]: 400,
  [Status.ABORTED]: 409,
  [Status.OUT_OF_RANGE]: 400,
  [Status.UNIMPLEMENTED]: 501,
  [Status.UNAVAILABLE]: 503,
  [Status.UNAUTHENTICATED]: 401,
};

/** HTTP's status for one of gRPC's. */
export function httpStatus(code: number): number {
  return HTTP_STATUS[code] ?? 500;
}

export function errorReply({ code, message }: CallStatus): GatewayReply {
  const headers = code === Status.UNAUTHENTICATED ? { ...JSON_TYPE, "WWW-Authenticate": message } : JSON_TYPE;
  return { status: httpStatus(code), headers, body: encodeStatus(code, message) };
}

/** To where the path leads when it is cleaned, with the same method and body. */
export function redirect(location: string): GatewayReply {
  return { status: 307, headers: { Location: location }, body: NO_BODY };
}

export const NOT_FOUND: CallStatus = { code: Status.NOT_FOUND, message: "Not Found" };
/** All methods are POST; that another one is 501 and not 405 is etcd's. */
export const NOT_POST: CallStatus = { code: Status.UNIMPLEMENTED, message: "Method Not Allowed" };
