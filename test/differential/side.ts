/**
 * One server under comparison: performs operations and answers with lines that two servers must share.
 *
 * Calls and streams use two HTTP/2 connections, so that a full watch window never delays a call.
 */

import type { DescMethod, DescMethodServerStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import { clone, create } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type {
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
} from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Lease, LeaseKeepAliveResponseSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import type { AlarmRequest } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { AlarmRequestSchema } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch, WatchRequestSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { KeepAliveConnection } from "./keepalive.ts";
import type { Identity } from "./normalise.ts";
import { normalise, OWN_ID } from "./normalise.ts";
import { formatMessage } from "./text.ts";
import { formatError, WatchConnection } from "./watchconnection.ts";

const CALL_TIMEOUT_MS = 30_000;
/** A lease of the shortest TTL (2 s) may have expired by itself if its calls took this long. */
const SHORT_LEASE_MS = 1_500;

/** What one call answered: its messages, normalised (one, or a stream of them), and how it failed. */
export type Outcome = { readonly replies: readonly Message[]; readonly error?: ConnectError };

export class Side {
  readonly name: string;
  readonly identity: Identity;
  /** The store's revision when the audit watch began. */
  readonly firstRevision: number;
  /** A watch of every key, from the beginning of the comparison on. */
  readonly audit: WatchConnection;
  readonly #calls: Transport;
  readonly #streams: Transport;
  readonly #watches = new Map<number, WatchConnection>();
  readonly #keepAlive: KeepAliveConnection;

  private constructor(name: string, calls: Transport, streams: Transport, identity: Identity, revision: number) {
    this.name = name;
    this.identity = identity;
    this.firstRevision = revision;
    this.#calls = calls;
    this.#streams = streams;
    this.#keepAlive = new KeepAliveConnection(createClient(Lease, streams));
    this.audit = this.openWatch();
  }

  /** Learns the server's IDs and revision and starts the audit watch. */
  static async connect(name: string, url: string): Promise<Side> {
    const calls = createGrpcTransport({ baseUrl: url });
    const streams = createGrpcTransport({ baseUrl: url });
    const { header } = await createClient(Cluster, calls).memberList({});
    const range = await createClient(KV, calls).range({ key: Uint8Array.of(0), countOnly: true });
    const identity: Identity = {
      clusterId: header?.clusterId ?? 0n,
      memberId: header?.memberId ?? 0n,
      url,
      leaseRefreshedMs: new Map(),
    };
    const side = new Side(name, calls, streams, identity, Number(range.header?.revision ?? 0n));
    const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
    side.audit.send(create(WatchRequestSchema, { requestUnion: { case: "createRequest", value: everything } }));
    await side.audit.until(() => side.audit.controls.length > 0, CALL_TIMEOUT_MS);
    return side;
  }

  close(): void {
    for (const watch of [...this.#watches.values(), this.audit]) watch.close();
    this.#keepAlive.close();
  }

  async call(method: DescMethod, request: Message): Promise<Outcome> {
    const replies: Message[] = [];
    try {
      const message = this.#ownIds(method, request);
      if (method.methodKind === "unary") {
        const unary = method as DescMethodUnary;
        replies.push((await this.#calls.unary(unary, undefined, CALL_TIMEOUT_MS, undefined, message)).message);
      } else {
        const streaming = method as DescMethodServerStreaming;
        const input = (async function* () {
          yield message;
        })();
        const response = await this.#calls.stream(streaming, undefined, CALL_TIMEOUT_MS, undefined, input);
        for await (const reply of response.message) replies.push(reply);
      }
    } catch (error) {
      return { replies: this.#normalised(replies), error: ConnectError.from(error) };
    }
    if (method === Lease.method.leaseGrant) this.#refreshed((replies[0] as LeaseGrantResponse).ID);
    return { replies: this.#normalised(replies) };
  }

  /** One request on the keep-alive stream and its reply, as a line. */
  async keepAlive(request: LeaseKeepAliveRequest): Promise<string> {
    try {
      const reply = await this.#keepAlive.renew(request);
      if (reply.TTL > 0n) this.#refreshed(reply.ID);
      normalise(reply, this.identity);
      return formatMessage(LeaseKeepAliveResponseSchema, reply);
    } catch (error) {
      return formatError(ConnectError.from(error));
    }
  }

  /** Grant, time-to-live and revoke of a lease that must not live long enough to expire by itself. */
  async shortLease(request: LeaseGrantRequest): Promise<string[]> {
    const startMs = Date.now();
    const { ID } = request;
    const lines = [
      ...this.format(Lease.method.leaseGrant, await this.call(Lease.method.leaseGrant, request)),
      ...this.format(Lease.method.leaseTimeToLive, await this.#lease(Lease.method.leaseTimeToLive, ID)),
    ];
    const revoked = await this.#lease(Lease.method.leaseRevoke, ID);
    const mayBeGone = Date.now() - startMs > SHORT_LEASE_MS && revoked.error?.code === Code.NotFound;
    return [...lines, revoked.error === undefined || mayBeGone ? "revoked" : formatError(revoked.error)];
  }

  /** A lease whose ID the server chooses: only that it is positive can be compared. */
  async anonymousLease(request: LeaseGrantRequest): Promise<string[]> {
    const granted = await this.call(Lease.method.leaseGrant, request);
    const reply = granted.replies[0] as LeaseGrantResponse | undefined;
    if (reply === undefined) return this.format(Lease.method.leaseGrant, granted);
    const { ID } = reply;
    if (ID > 0n) reply.ID = OWN_ID;
    const lines = this.format(Lease.method.leaseGrant, granted);
    const revoked = await this.#lease(Lease.method.leaseRevoke, ID);
    return [...lines, ...this.format(Lease.method.leaseRevoke, revoked)];
  }

  openWatch(): WatchConnection {
    return new WatchConnection(createClient(Watch, this.#streams), this.identity);
  }

  /** The numbered watch stream, opened at first use. */
  watch(stream: number): WatchConnection {
    const known = this.#watches.get(stream);
    if (known !== undefined) return known;
    const opened = this.openWatch();
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

  #lease(method: DescMethod, ID: bigint): Promise<Outcome> {
    return this.call(method, create(method.input, { ID }));
  }

  #refreshed(leaseId: bigint): void {
    this.identity.leaseRefreshedMs.set(leaseId, Date.now());
  }

  #normalised(replies: Message[]): Message[] {
    for (const reply of replies) normalise(reply, this.identity);
    return replies;
  }

  /** OWN_ID in an alarm request stands for the server's own member. */
  #ownIds(method: DescMethod, request: Message): Message {
    if (method.input !== AlarmRequestSchema || (request as AlarmRequest).memberID !== OWN_ID) return request;
    const alarm = clone(AlarmRequestSchema, request as AlarmRequest);
    alarm.memberID = this.identity.memberId;
    return alarm;
  }
}
