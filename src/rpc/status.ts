/** What a client is told of an error that a service method threw. */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { EtcdError, Status } from "../errors.ts";

/** How a call ends. */
export interface CallStatus {
  readonly code: number;
  readonly message: string;
  /** Trailers of the method's own, and an error's details, for errors that have some. */
  readonly metadata?: Headers;
}

let ofCanceled: ConnectError | undefined;

/**
 * What a call ends with whose client has left. Shared, for an error of its own for each cancel costs more than the
 * cancel; and made when it is needed, as it has Headers, with which Node loads all of its fetch.
 */
export function canceled(): ConnectError {
  ofCanceled ??= new ConnectError("the client canceled the request", Code.Canceled);
  return ofCanceled;
}

/** Undefined for what no method throws on purpose: a fault of ours, to be logged. */
export function expectedStatus(error: unknown): CallStatus | undefined {
  if (error instanceof EtcdError) return { code: error.status, message: error.message };
  if (error instanceof ConnectError) {
    const metadata = error.details.length === 0 ? error.metadata : setTrailerStatus(new Headers(), error);
    return { code: error.code, message: error.rawMessage, metadata };
  }
  return undefined;
}

const CODE_NAMES = Object.fromEntries(Object.entries(Status).map(([name, code]) => [code, name]));

/** An error as Go's gRPC prints it, `rpc error: code = PermissionDenied desc = …`. */
export function goErrorText({ status, message }: EtcdError): string {
  const name = (CODE_NAMES[status] ?? "")
    .toLowerCase()
    .replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
  return `rpc error: code = ${name} desc = ${message}`;
}

/** What a client is told of a fault of ours: enough for a report, no stack. */
export function faultStatus(error: unknown): CallStatus {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: Status.INTERNAL, message: `etcdlite: internal error: ${reason}` };
}

/** Told of faults of ours: errors that no method throws on purpose. */
export type OnFault = (path: string, error: unknown) => void;

/** The error that Connect and gRPC-Web tell of. @param signal the call's */
export function connectErrorOf(
  error: unknown,
  signal: AbortSignal,
  method: DescMethod,
  onFault: OnFault,
): ConnectError {
  // The reason that a signal was aborted for comes back from methods that wait for it.
  if (signal.aborted && error === signal.reason) return ConnectError.from(error, Code.Canceled);
  if (error instanceof ConnectError) return error;
  let status = expectedStatus(error);
  if (status === undefined) {
    status = faultStatus(error);
    onFault(`/${method.parent.typeName}/${method.name}`, error);
  }
  return new ConnectError(status.message, status.code as Code);
}
