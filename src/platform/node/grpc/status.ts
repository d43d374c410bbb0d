/**
 * How an RPC ends on the wire: `grpc-status` and `grpc-message`, from whatever a service method threw.
 */
import { ConnectError } from "@connectrpc/connect";
import { EtcdError, Status } from "../../../errors.ts";

/** Everything the trailers of a call say. */
export interface CallStatus {
  readonly code: number;
  readonly message: string;
  /** Trailers of the method's own, for errors that carry some. */
  readonly metadata?: Headers;
}

export const OK: CallStatus = { code: Status.OK, message: "" };
export const DEADLINE_EXCEEDED: CallStatus = {
  code: Status.DEADLINE_EXCEEDED,
  message: "context deadline exceeded",
};
export const SERVER_STOPPED: CallStatus = {
  code: Status.UNAVAILABLE,
  message: "etcdserver: server stopped",
};

/** Undefined for what no method throws on purpose: a fault of ours, to be logged. */
export function expectedStatus(error: unknown): CallStatus | undefined {
  if (error instanceof EtcdError) return { code: error.status, message: error.message };
  if (error instanceof ConnectError) {
    return { code: error.code, message: error.rawMessage, metadata: error.metadata };
  }
  return undefined;
}

/** What a client is told of a fault of ours: enough for a report, no stack. */
export function faultStatus(error: unknown): CallStatus {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: Status.INTERNAL, message: `etcdlite: internal error: ${reason}` };
}

const PLAIN = /^[ -$&-~]*$/;

/** Percent-encodes all but printable ASCII, and the percent sign, as the gRPC protocol asks for. */
function encodeGrpcMessage(message: string): string {
  if (PLAIN.test(message)) return message;
  let encoded = "";
  for (const byte of Buffer.from(message, "utf8")) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** The trailers of a call; `extra` are those a method added through its context. */
export function trailersOf(status: CallStatus, extra?: Headers): Record<string, string> {
  const trailers: Record<string, string> = {};
  extra?.forEach((value, name) => {
    trailers[name] = value;
  });
  status.metadata?.forEach((value, name) => {
    trailers[name] = value;
  });
  trailers["grpc-status"] = String(status.code);
  if (status.message !== "") trailers["grpc-message"] = encodeGrpcMessage(status.message);
  return trailers;
}
