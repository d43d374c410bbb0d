/**
 * Operations as data: what the generator makes, the lockstep runs, the shrinker drops and transcripts hold.
 * Every operation stands alone: any subset of a list of operations is a legal list again.
 *
 * As text, one line each:
 *   KV.Put key="a" value="1"                        a unary call, or one with a stream of replies
 *   Lease.LeaseKeepAlive ID=5                       one request on the side's keep-alive stream
 *   Lease.Short ID=5 TTL=0                          grant, time-to-live and revoke at once (TTL below 2 s)
 *   Lease.Anonymous TTL=10000                       grant with ID 0, and revoke of the ID that was chosen
 *   Watch 1 create_request={key="a"}                one request on watch stream 1, opened when needed
 *   Watch 1 half-close | Watch 1 close              the client ends its half, or cancels the stream
 *   settle                                          wait until every watch has delivered all it must
 */

import type { DescMessage, DescMethod, DescService, Message, MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseGrantRequest, LeaseKeepAliveRequest } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Lease, LeaseGrantRequestSchema, LeaseKeepAliveRequestSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { WatchRequest } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { formatMessage, parseMessage } from "./text.ts";

export type Operation =
  | { readonly kind: "call"; readonly method: DescMethod; readonly request: Message }
  | { readonly kind: "keepAlive"; readonly request: LeaseKeepAliveRequest }
  | { readonly kind: "shortLease"; readonly request: LeaseGrantRequest }
  | { readonly kind: "anonymousLease"; readonly request: LeaseGrantRequest }
  | { readonly kind: "watch"; readonly stream: number; readonly request: WatchRequest }
  | { readonly kind: "halfClose"; readonly stream: number }
  | { readonly kind: "closeStream"; readonly stream: number }
  | { readonly kind: "settle" };

export const SERVICES: readonly DescService[] = [KV, Lease, Maintenance, Cluster];

/** An operation of one call; `init` is checked against the method's request type. */
export function call<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { input: I; output: O },
  init: MessageInitShape<I>,
): Operation {
  return { kind: "call", method, request: create(method.input, init) };
}

export function watchRequest(stream: number, union: WatchRequest["requestUnion"]): Operation {
  return { kind: "watch", stream, request: create(WatchRequestSchema, { requestUnion: union }) };
}

export function formatOperation(operation: Operation): string {
  switch (operation.kind) {
    case "call":
      return join(
        `${operation.method.parent.name}.${operation.method.name}`,
        formatMessage(operation.method.input, operation.request),
      );
    case "keepAlive":
      return join("Lease.LeaseKeepAlive", formatMessage(LeaseKeepAliveRequestSchema, operation.request));
    case "shortLease":
      return join("Lease.Short", formatMessage(LeaseGrantRequestSchema, operation.request));
    case "anonymousLease":
      return join("Lease.Anonymous", formatMessage(LeaseGrantRequestSchema, operation.request));
    case "watch":
      return join(`Watch ${operation.stream}`, formatMessage(WatchRequestSchema, operation.request));
    case "halfClose":
      return `Watch ${operation.stream} half-close`;
    case "closeStream":
      return `Watch ${operation.stream} close`;
    case "settle":
      return "settle";
  }
}

export function parseOperation(line: string): Operation {
  if (line === "settle") return { kind: "settle" };
  const watch = /^Watch (\d+)(?: (.*))?$/.exec(line);
  if (watch !== null) return parseWatch(Number(watch[1]), watch[2] ?? "");
  const found = /^(\w+)\.(\w+)(?: (.*))?$/.exec(line);
  if (found === null) throw new Error(`not an operation: ${line}`);
  const [, serviceName, methodName, text = ""] = found;
  if (serviceName === "Lease" && methodName === "LeaseKeepAlive") {
    const request = parseMessage(LeaseKeepAliveRequestSchema, text) as LeaseKeepAliveRequest;
    return { kind: "keepAlive", request };
  }
  if (serviceName === "Lease" && (methodName === "Short" || methodName === "Anonymous")) {
    const request = parseMessage(LeaseGrantRequestSchema, text) as LeaseGrantRequest;
    return { kind: methodName === "Short" ? "shortLease" : "anonymousLease", request };
  }
  const service = SERVICES.find((candidate) => candidate.name === serviceName);
  const method = service?.methods.find((candidate) => candidate.name === methodName);
  if (method === undefined) throw new Error(`no method ${serviceName}.${methodName}: ${line}`);
  return { kind: "call", method, request: parseMessage(method.input, text) };
}

function parseWatch(stream: number, text: string): Operation {
  if (text === "half-close") return { kind: "halfClose", stream };
  if (text === "close") return { kind: "closeStream", stream };
  return { kind: "watch", stream, request: parseMessage(WatchRequestSchema, text) as WatchRequest };
}

function join(name: string, text: string): string {
  return text === "" ? name : `${name} ${text}`;
}
