/**
 * Native gRPC, which cannot be served: how a call went is said in HTTP's trailers, and a Response has none. An error
 * alone needs none (the protocol's Trailers-Only), so a client learns why it is refused.
 */
import { Status } from "../../errors.ts";

const CONTENT_TYPE = /^application\/grpc(?:[+;]|$)/i;
const MESSAGE =
  "etcdlite: this runtime's HTTP has no trailers, which native gRPC needs; " +
  "use gRPC-Web, Connect or JSON here, or etcdlite in Node for native gRPC";

export function isNativeGrpc(request: Request): boolean {
  return CONTENT_TYPE.test(request.headers.get("content-type") ?? "");
}

export function nativeGrpcRefused(): Response {
  const headers = { "content-type": "application/grpc", "grpc-status": String(Status.UNIMPLEMENTED) };
  return new Response(null, { headers: { ...headers, "grpc-message": MESSAGE } });
}
