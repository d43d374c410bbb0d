/**
 * One server under comparison: performs operations and answers with lines that two servers must share.
 *
 * Calls and streams use two HTTP/2 connections, so that a full watch window never delays a call.
 */

import { writeFileSync } from "node:fs";
import type { DescMethod, DescMethodServerStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { AuthenticateRequest } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import type { ResponseHeader } from "../../src/gen/etcdserverpb/header_pb.ts";
import { KV, type RangeStreamResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseGrantResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Lease, LeaseKeepAliveResponseSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import {
  Maintenance,
  SnapshotRequestSchema,
  type SnapshotResponse,
} from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch, WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { ADMIN, credentialHeaders } from "./credential.ts";
import { HttpClient } from "./httpclient.ts";
import { Identity, OWN_ID } from "./identity.ts";
import { KeepAliveConnection } from "./keepalive.ts";
import { ROOT } from "./learn.ts";
import { normalise } from "./normalise.ts";
import { normaliseBody } from "./normalisejson.ts";
import type { HttpOperation, Operation } from "./operation.ts";
import { formatMessage } from "./text.ts";
import { formatError, WatchConnection } from "./watchconnection.ts";

const CALL_TIMEOUT_MS = 30_000;
/** A lease of the shortest TTL (2 s) may have expired by itself if its calls took this long. */
const SHORT_LEASE_MS = 1_500;

/** What one call answered: its messages, normalised (one, or a stream of them), and how it failed. */
export type Outcome = { readonly replies: readonly Message[]; readonly error?: ConnectError };

/** What one call on either channel answered, as lines, and what the model learns from. */
export type Answer = {
  readonly lines: string[];
  readonly isOk: boolean;
  readonly revision: number;
  readonly reply?: Message | undefined;
};

/** What cannot be learned from a server itself. */
export type Known = {
  /** Where auth is on. */
  readonly rootPassword?: string | undefined;
  /** The member whose snapshot the server was started from. */
  readonly sourceId?: bigint | undefined;
};

type Anyone = string | undefined;
type KeepAlive = Extract<Operation, { kind: "keepAlive" }>;
type LeaseOperation = Extract<Operation, { kind: "shortLease" | "anonymousLease" }>;

export class Side {
  readonly name: string;
  readonly identity: Identity;
  /** The store's revision when the audit watch began. */
  readonly firstRevision: number;
  /** A watch of every key, from the beginning of the comparison on. */
  readonly audit: WatchConnection;
  readonly #calls: Transport;
  readonly #streams: Transport;
  readonly #http: HttpClient;
  readonly #watches = new Map<number, WatchConnection>();
  /** By caller. */
  readonly #keepAlives = new Map<Anyone, KeepAliveConnection>();

  private constructor(name: string, url: string, calls: Transport, identity: Identity, revision: number) {
    this.name = name;
    this.identity = identity;
    this.firstRevision = revision;
    this.#calls = calls;
    this.#streams = createGrpcTransport({ baseUrl: url });
    this.#http = new HttpClient(url, CALL_TIMEOUT_MS);
    this.audit = this.openWatch(ADMIN);
  }

  /** Learns the server's IDs and revision and starts the audit watch, as root where auth is on. */
  static async connect(name: string, url: string, { rootPassword, sourceId }: Known): Promise<Side> {
    const calls = createGrpcTransport({ baseUrl: url });
    const tokens = new Map<string, string>();
    if (rootPassword !== undefined) {
      const root = { name: ROOT, password: rootPassword };
      tokens.set(ADMIN, (await createClient(Auth, calls).authenticate(root)).token);
    }
    const options = { headers: credentialHeaders(ADMIN, tokens, "grpc") };
    const { header, members } = await createClient(Cluster, calls).memberList({}, options);
    const range = await createClient(KV, calls).range({ key: Uint8Array.of(0), countOnly: true }, options);
    const memberId = header?.memberId ?? 0n;
    const peerUrls = members.find(({ ID }) => ID === memberId)?.peerURLs ?? [];
    const identity = new Identity({ clusterId: header?.clusterId ?? 0n, memberId, sourceId, url, peerUrls, tokens });
    const side = new Side(name, url, calls, identity, Number(range.header?.revision ?? 0n));
    const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
    side.audit.send(create(WatchRequestSchema, { requestUnion: { case: "createRequest", value: everything } }));
    await side.audit.until(() => side.audit.controls.length > 0, CALL_TIMEOUT_MS);
    return side;
  }

  close(): void {
    for (const watch of [...this.#watches.values(), this.audit]) watch.close();
    for (const keepAlive of this.#keepAlives.values()) keepAlive.close();
    this.#http.close();
  }

  async call(method: DescMethod, request: Message, as: Anyone): Promise<Outcome> {
    const replies: Message[] = [];
    const header = credentialHeaders(as, this.identity.tokens, "grpc");
    try {
      const message = this.identity.ownRequest(method.input, request);
      if (method.methodKind === "unary") {
        const unary = method as DescMethodUnary;
        replies.push((await this.#calls.unary(unary, undefined, CALL_TIMEOUT_MS, header, message)).message);
      } else {
        const streaming = method as DescMethodServerStreaming;
        const input = (async function* () {
          yield message;
        })();
        const response = await this.#calls.stream(streaming, undefined, CALL_TIMEOUT_MS, header, input);
        for await (const reply of response.message) replies.push(reply);
      }
    } catch (error) {
      return { replies: this.#normalised(replies), error: ConnectError.from(error) };
    }
    if (method === Lease.method.leaseGrant) this.identity.leaseTimes.refreshed((replies[0] as LeaseGrantResponse).ID);
    return { replies: this.#normalised(replies) };
  }

  async answer(operation: Extract<Operation, { kind: "call" | "http" }>): Promise<Answer> {
    if (operation.kind === "http") return this.#post(operation);
    const outcome = await this.call(operation.method, operation.request, operation.as);
    const revision = Math.max(0, ...outcome.replies.map(revisionOf));
    const lines = this.format(operation.method, outcome);
    return { lines, isOk: outcome.error === undefined, revision, reply: outcome.replies[0] };
  }

  /** Authenticate, keeping the token. */
  async login(slot: string, request: AuthenticateRequest): Promise<string[]> {
    const method = Auth.method.authenticate;
    try {
      const { message } = await this.#calls.unary(method, undefined, CALL_TIMEOUT_MS, undefined, request);
      this.identity.tokens.set(slot, message.token);
      return this.format(method, { replies: this.#normalised([message]) });
    } catch (error) {
      return this.format(method, { replies: [], error: ConnectError.from(error) });
    }
  }

  /** One request on the keep-alive stream and its reply, as a line. */
  async keepAlive({ request, as }: KeepAlive): Promise<string> {
    try {
      const reply = await this.#keepAliveOf(as).renew(request);
      if (reply.TTL > 0n) this.identity.leaseTimes.refreshed(reply.ID);
      normalise(reply, this.identity);
      return formatMessage(LeaseKeepAliveResponseSchema, reply);
    } catch (error) {
      return formatError(ConnectError.from(error));
    }
  }

  /** Grant, time-to-live and revoke of a lease that must not live long enough to expire by itself. */
  async shortLease({ request, as }: LeaseOperation): Promise<string[]> {
    const startMs = Date.now();
    const { ID } = request;
    const { leaseGrant, leaseTimeToLive, leaseRevoke } = Lease.method;
    const lines = [
      ...this.format(leaseGrant, await this.call(leaseGrant, request, as)),
      ...this.format(leaseTimeToLive, await this.#lease(leaseTimeToLive, ID, as)),
    ];
    const revoked = await this.#lease(leaseRevoke, ID, as);
    const mayBeGone = Date.now() - startMs > SHORT_LEASE_MS && revoked.error?.code === Code.NotFound;
    return [...lines, revoked.error === undefined || mayBeGone ? "revoked" : formatError(revoked.error)];
  }

  /** A lease whose ID the server chooses: only that it is positive can be compared. */
  async anonymousLease({ request, as }: LeaseOperation): Promise<string[]> {
    const { leaseGrant, leaseRevoke } = Lease.method;
    const granted = await this.call(leaseGrant, request, as);
    const reply = granted.replies[0] as LeaseGrantResponse | undefined;
    if (reply === undefined) return this.format(leaseGrant, granted);
    const { ID } = reply;
    if (ID > 0n) reply.ID = OWN_ID;
    const lines = this.format(leaseGrant, granted);
    return [...lines, ...this.format(leaseRevoke, await this.#lease(leaseRevoke, ID, as))];
  }

  async saveSnapshot(file: string): Promise<void> {
    const { replies, error } = await this.call(Maintenance.method.snapshot, create(SnapshotRequestSchema), ADMIN);
    if (error !== undefined) throw new Error(`${this.name}: no snapshot: ${formatError(error)}`);
    writeFileSync(file, Buffer.concat((replies as SnapshotResponse[]).map(({ blob }) => blob)));
  }

  openWatch(as: Anyone): WatchConnection {
    const headers = credentialHeaders(as, this.identity.tokens, "grpc");
    return new WatchConnection(createClient(Watch, this.#streams), this.identity, headers);
  }

  /** The numbered watch stream, opened at first use. */
  watch(stream: number, as?: Anyone): WatchConnection {
    const known = this.#watches.get(stream);
    if (known !== undefined) return known;
    const opened = this.openWatch(as);
    this.#watches.set(stream, opened);
    return opened;
  }

  closeWatch(stream: number): void {
    this.#watches.get(stream)?.close();
    this.#watches.delete(stream);
  }

  format(method: DescMethod, outcome: Outcome): string[] {
    const lines = outcome.replies.map((reply) => formatMessage(method.output, reply, true) || "(empty)");
    return outcome.error === undefined ? lines : [...lines, formatError(outcome.error)];
  }

  async #post(operation: HttpOperation): Promise<Answer> {
    const headers = credentialHeaders(operation.as, this.identity.tokens, "http");
    try {
      const body = this.identity.ownBody(operation.body);
      const reply = await this.#http.send(operation, body, headers);
      this.#refreshes(operation.path, reply.body);
      // Where in the body something is wrong depends on the digits of its own IDs.
      const text = body === operation.body ? reply.body : reply.body.replace(/\(line \d+:\d+\)/, "(somewhere)");
      const lines = [reply.head, ...normaliseBody(operation.path, text, this.identity)];
      const revision = Number(/"revision":\s?"(\d+)"/.exec(reply.body)?.[1] ?? 0);
      return { lines, isOk: reply.isOk, revision };
    } catch (error) {
      return { lines: [`BROKEN: ${String(error)}`], isOk: false, revision: 0 };
    }
  }

  /** The lease of a grant, and of a keep-alive that has a TTL. */
  #refreshes(path: string, body: string): void {
    if (!/\/lease\/(grant|keepalive)$/.test(path) || !body.includes('"TTL"')) return;
    const id = /"ID":\s?"(-?\d+)"/.exec(body)?.[1];
    if (id !== undefined) this.identity.leaseTimes.refreshed(BigInt(id));
  }

  #keepAliveOf(as: Anyone): KeepAliveConnection {
    const known = this.#keepAlives.get(as);
    if (known !== undefined) return known;
    const made = new KeepAliveConnection(createClient(Lease, this.#streams), () =>
      credentialHeaders(as, this.identity.tokens, "grpc"),
    );
    this.#keepAlives.set(as, made);
    return made;
  }

  #lease(method: DescMethod, ID: bigint, as: Anyone): Promise<Outcome> {
    return this.call(method, create(method.input, { ID }), as);
  }

  #normalised(replies: Message[]): Message[] {
    for (const reply of replies) normalise(reply, this.identity);
    return replies;
  }
}

function revisionOf(reply: Message): number {
  const header = (reply as { header?: ResponseHeader }).header ?? (reply as RangeStreamResponse).rangeResponse?.header;
  return Number(header?.revision ?? 0n);
}
