/**
 * How an RPC ends on the wire: `grpc-status` and `grpc-message`.
 */
import { Status } from "../../../errors.ts";
import type { CallStatus } from "../../../rpc/index.ts";

export const OK: CallStatus = { code: Status.OK, message: "" };
export const DEADLINE_EXCEEDED: CallStatus = {
  code: Status.DEADLINE_EXCEEDED,
  message: "context deadline exceeded",
};
export const SERVER_STOPPED: CallStatus = {
  code: Status.UNAVAILABLE,
  message: "etcdserver: server stopped",
};

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
