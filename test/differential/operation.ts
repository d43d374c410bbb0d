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
 *   POST /v3/kv/put {"key":"YQ=="}                  the JSON gateway; #1 in a body is the server's own member ID
 *   Login 3 name="ann" password="x"                 Authenticate; a token is kept in slot 3
 *   settle                                          wait until every watch has delivered all it must
 *   storage 3.6.0                                   wait until Status shows this storage version
 *   exchange                                        each server ends, and starts from the other's snapshot
 *
 * A credential before a line says who asks: `@3 KV.Range key="a"` with the token of slot 3 (see credential.ts).
 */

import type { DescMessage, DescMethod, DescService, Message, MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { AuthenticateRequest } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Auth, AuthenticateRequestSchema } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseGrantRequest, LeaseKeepAliveRequest } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Lease, LeaseGrantRequestSchema, LeaseKeepAliveRequestSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { WatchRequest } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { Election } from "../../src/gen/v3electionpb/election_pb.ts";
import { Lock } from "../../src/gen/v3lockpb/lock_pb.ts";
import { formatBytes, formatMessage, parseBytes, parseMessage } from "./text.ts";

/** Who asks; without one, nobody. */
type Caller = { readonly as?: string };

export type CallOperation = Caller & {
  readonly kind: "call";
  readonly method: DescMethod;
  readonly request: Message;
};

export type HttpOperation = Caller & {
  readonly kind: "http";
  /** POST nearly always. */
  readonly verb: string;
  readonly path: string;
  readonly body: Uint8Array;
};

export type LoginOperation = { readonly kind: "login"; readonly slot: string; readonly request: AuthenticateRequest };

export type WatchOperation = Caller & {
  readonly kind: "watch";
  readonly stream: number;
  readonly request: WatchRequest;
};

export type Operation =
  | CallOperation
  | HttpOperation
  | LoginOperation
  | WatchOperation
  | (Caller & { readonly kind: "keepAlive"; readonly request: LeaseKeepAliveRequest })
  | (Caller & { readonly kind: "shortLease"; readonly request: LeaseGrantRequest })
  | (Caller & { readonly kind: "anonymousLease"; readonly request: LeaseGrantRequest })
  | { readonly kind: "halfClose"; readonly stream: number }
  | { readonly kind: "closeStream"; readonly stream: number }
  | { readonly kind: "settle" }
  | { readonly kind: "exchange" }
  | { readonly kind: "storage"; readonly version: string };

export const SERVICES: readonly DescService[] = [KV, Lease, Maintenance, Cluster, Auth, Lock, Election, Health];

/** An operation of one call; `init` is checked against the method's request type. */
export function call<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { input: I; output: O },
  init: MessageInitShape<I>,
): CallOperation {
  return { kind: "call", method, request: create(method.input, init) };
}

export function watchRequest(stream: number, union: WatchRequest["requestUnion"]): WatchOperation {
  return { kind: "watch", stream, request: create(WatchRequestSchema, { requestUnion: union }) };
}

/** The same operation by a caller. What has no caller stays as it is. */
export function by(as: string | undefined, operation: Operation): Operation {
  const isAnyones = ["login", "halfClose", "closeStream", "settle", "exchange", "storage"].includes(operation.kind);
  return as === undefined || isAnyones ? operation : ({ ...operation, as } as Operation);
}

export function formatOperation(operation: Operation): string {
  const as = "as" in operation && operation.as !== undefined ? `@${operation.as} ` : "";
  return as + formatAnyones(operation);
}

function formatAnyones(operation: Operation): string {
  switch (operation.kind) {
    case "call":
      return join(
        `${operation.method.parent.name}.${operation.method.name}`,
        formatMessage(operation.method.input, operation.request),
      );
    case "http":
      return `${operation.verb} ${operation.path} ${formatBody(operation.body)}`.trimEnd();
    case "login":
      return join(`Login ${operation.slot}`, formatMessage(AuthenticateRequestSchema, operation.request));
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
    case "exchange":
      return operation.kind;
    case "storage":
      return `storage ${operation.version}`;
  }
}

export function parseOperation(line: string): Operation {
  const [, as, rest = ""] = /^(?:@(\S*) )?(.*)$/.exec(line) ?? [];
  return by(as, parseAnyones(rest));
}

function parseAnyones(line: string): Operation {
  if (line === "settle" || line === "exchange") return { kind: line };
  const storage = /^storage (\S+)$/.exec(line);
  if (storage !== null) return { kind: "storage", version: storage[1] ?? "" };
  const watch = /^Watch (\d+)(?: (.*))?$/.exec(line);
  if (watch !== null) return parseWatch(Number(watch[1]), watch[2] ?? "");
  const http = /^([A-Z]+) (\/\S*)(?: (.*))?$/.exec(line);
  if (http !== null) return { kind: "http", verb: http[1] ?? "", path: http[2] ?? "", body: parseBody(http[3] ?? "") };
  const login = /^Login (\w+)(?: (.*))?$/.exec(line);
  if (login !== null) {
    const request = parseMessage(AuthenticateRequestSchema, login[2] ?? "") as AuthenticateRequest;
    return { kind: "login", slot: login[1] ?? "", request };
  }
  const found = /^(\w+)\.(\w+)(?: (.*))?$/.exec(line);
  if (found === null) throw new Error(`not an operation: ${line}`);
  return parseCall(found[1] ?? "", found[2] ?? "", found[3] ?? "");
}

function parseCall(serviceName: string, methodName: string, text: string): Operation {
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
  if (method === undefined) throw new Error(`no method ${serviceName}.${methodName}`);
  return { kind: "call", method, request: parseMessage(method.input, text) };
}

function parseWatch(stream: number, text: string): Operation {
  if (text === "half-close") return { kind: "halfClose", stream };
  if (text === "close") return { kind: "closeStream", stream };
  return { kind: "watch", stream, request: parseMessage(WatchRequestSchema, text) as WatchRequest };
}

/** Plain where that can be read back, else quoted. */
function formatBody(body: Uint8Array): string {
  const text = Buffer.from(body).toString("latin1");
  return /^(?!["\s])[\x20-\x7e]*(?<! )$/.test(text) ? text : formatBytes(body);
}

function parseBody(text: string): Uint8Array {
  return text.startsWith('"') ? parseBytes(text) : Buffer.from(text, "latin1");
}

function join(name: string, text: string): string {
  return text === "" ? name : `${name} ${text}`;
}
