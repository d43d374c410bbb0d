/**
 * What two servers cannot have in common, made equal in decoded replies, so that all the rest is compared.
 * README.md lists every rule. A server's own cluster, member and leader ID become 1; any other ID stays, so
 * a wrong one still shows.
 */
import type { Message } from "@bufbuild/protobuf";
import type { MemberListResponse } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import type { ResponseHeader } from "../../src/gen/etcdserverpb/header_pb.ts";
import type { RangeStreamResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseTimeToLiveResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import type { AlarmResponse, HashResponse, StatusResponse } from "../../src/gen/etcdserverpb/maintenance_pb.ts";

export const OWN_ID = 1n;
const TTL_SLACK_SECONDS = 2;

export type Identity = {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly url: string;
  /** When each lease was granted or kept alive last, in ms of the local clock. */
  readonly leaseRefreshedMs: Map<bigint, number>;
};

/** Changes the message in place. */
export function normalise(message: Message, identity: Identity): void {
  const header = (message as { header?: ResponseHeader }).header;
  if (header !== undefined) normaliseHeader(header, identity);
  switch (message.$typeName) {
    case "etcdserverpb.RangeStreamResponse":
      normaliseChunk(message as RangeStreamResponse, identity);
      break;
    case "etcdserverpb.LeaseTimeToLiveResponse":
      normaliseTimeToLive(message as LeaseTimeToLiveResponse, identity);
      break;
    case "etcdserverpb.AlarmResponse":
      normaliseAlarms(message as AlarmResponse, identity);
      break;
    case "etcdserverpb.StatusResponse":
      normaliseStatus(message as StatusResponse, identity);
      break;
    case "etcdserverpb.MemberListResponse":
      normaliseMembers(message as MemberListResponse, identity);
      break;
    case "etcdserverpb.HashResponse":
      // The digest of a whole database file.
      (message as HashResponse).hash = 0;
      break;
  }
}

export function normaliseHeader(header: ResponseHeader, identity: Identity): void {
  if (header.clusterId === identity.clusterId) header.clusterId = OWN_ID;
  header.memberId = own(header.memberId, identity);
}

function own(id: bigint, identity: Identity): bigint {
  return id === identity.memberId ? OWN_ID : id;
}

function normaliseChunk(reply: RangeStreamResponse, identity: Identity): void {
  if (reply.rangeResponse?.header !== undefined) normaliseHeader(reply.rangeResponse.header, identity);
}

/** Time left becomes the granted time if it is what the local clock says, give or take the slack. */
function normaliseTimeToLive(reply: LeaseTimeToLiveResponse, identity: Identity): void {
  reply.keys.sort(Buffer.compare);
  const refreshedMs = identity.leaseRefreshedMs.get(reply.ID);
  if (reply.TTL < 0n || refreshedMs === undefined) return;
  const goneSeconds = (Date.now() - refreshedMs) / 1000;
  const error = Number(reply.grantedTTL - reply.TTL) - goneSeconds;
  if (Math.abs(error) <= TTL_SLACK_SECONDS) reply.TTL = reply.grantedTTL;
}

function normaliseAlarms(reply: AlarmResponse, identity: Identity): void {
  for (const alarm of reply.alarms) alarm.memberID = own(alarm.memberID, identity);
  reply.alarms.sort((a, b) => a.alarm - b.alarm || Number(a.memberID - b.memberID));
}

/** Sizes and raft positions depend on the storage; Go's text format of alarms has random blanks. */
function normaliseStatus(reply: StatusResponse, identity: Identity): void {
  reply.dbSize = 0n;
  reply.dbSizeInUse = 0n;
  reply.raftIndex = 0n;
  reply.raftAppliedIndex = 0n;
  reply.leader = own(reply.leader, identity);
  reply.errors = reply.errors
    .map((text) => text.replaceAll(/\s+/g, " ").trim())
    .map((text) => text.replace(`memberID:${identity.memberId}`, `memberID:${OWN_ID}`))
    .sort();
}

function normaliseMembers(reply: MemberListResponse, identity: Identity): void {
  for (const member of reply.members) {
    member.ID = own(member.ID, identity);
    member.peerURLs = [];
    member.clientURLs = member.clientURLs.map((url) => (url === identity.url ? "own" : url));
  }
}
