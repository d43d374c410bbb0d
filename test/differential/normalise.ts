/**
 * What two servers cannot have in common, made equal in decoded replies, so that all the rest is compared.
 * README.md lists every rule. A server's own cluster, member and leader ID become 1, added members 1001 and
 * up; any other ID stays, so a wrong one still shows. normalisejson.ts has the same rules for the gateway.
 */
import type { Message } from "@bufbuild/protobuf";
import type { AuthenticateResponse } from "../../src/gen/etcdserverpb/auth_pb.ts";
import type { Member, MemberAddResponse } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import type { ResponseHeader } from "../../src/gen/etcdserverpb/header_pb.ts";
import type { RangeStreamResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { LeaseLeasesResponse, LeaseTimeToLiveResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import type { AlarmResponse, HashResponse, StatusResponse } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { type Identity, OWN_ID } from "./identity.ts";

/** etcd's simple token: random letters, and the raft index when it was made. */
const SIMPLE_TOKEN = /^[A-Za-z]{16}\.\d+$/;

/** Changes the message in place. */
export function normalise(message: Message, identity: Identity): void {
  const { header, members } = message as { header?: ResponseHeader; members?: Member[] };
  if (header !== undefined) normaliseHeader(header, identity);
  switch (message.$typeName) {
    case "etcdserverpb.RangeStreamResponse":
      normaliseChunk(message as RangeStreamResponse, identity);
      break;
    case "etcdserverpb.LeaseTimeToLiveResponse":
      normaliseTimeToLive(message as LeaseTimeToLiveResponse, identity);
      break;
    case "etcdserverpb.LeaseLeasesResponse":
      (message as LeaseLeasesResponse).leases.sort((a, b) => identity.leaseTimes.compare(a.ID, b.ID));
      break;
    case "etcdserverpb.AlarmResponse":
      normaliseAlarms(message as AlarmResponse, identity);
      break;
    case "etcdserverpb.StatusResponse":
      normaliseStatus(message as StatusResponse, identity);
      break;
    case "etcdserverpb.MemberAddResponse":
      normaliseMembers(
        [(message as MemberAddResponse).member].filter((member) => member !== undefined),
        identity,
      );
      break;
    case "etcdserverpb.AuthenticateResponse":
      (message as AuthenticateResponse).token = normaliseToken((message as AuthenticateResponse).token);
      break;
    case "etcdserverpb.HashResponse":
      // The digest of a whole database file.
      (message as HashResponse).hash = 0;
      break;
  }
  if (Array.isArray(members)) normaliseMembers(members, identity);
}

export function normaliseHeader(header: ResponseHeader, identity: Identity): void {
  if (header.clusterId === identity.clusterId) header.clusterId = OWN_ID;
  header.memberId = identity.member(header.memberId);
}

export function normaliseToken(token: string): string {
  return SIMPLE_TOKEN.test(token) ? "a token" : token;
}

/** Go's text format of alarms has blanks at random, and they come in the order of a map. */
export function normaliseErrors(errors: readonly string[], identity: Identity): string[] {
  return errors
    .map((text) => text.replaceAll(/\s+/g, " ").trim())
    .map((text) => text.replace(/memberID:(\d+)/, (_, id: string) => `memberID:${identity.member(BigInt(id))}`))
    .sort();
}

function normaliseChunk(reply: RangeStreamResponse, identity: Identity): void {
  if (reply.rangeResponse?.header !== undefined) normaliseHeader(reply.rangeResponse.header, identity);
}

function normaliseTimeToLive(reply: LeaseTimeToLiveResponse, identity: Identity): void {
  reply.keys.sort(Buffer.compare);
  reply.TTL = identity.leaseTimes.fullTtl(reply.ID, reply.TTL, reply.grantedTTL);
}

function normaliseAlarms(reply: AlarmResponse, identity: Identity): void {
  for (const alarm of reply.alarms) alarm.memberID = identity.member(alarm.memberID);
  reply.alarms.sort((a, b) => a.alarm - b.alarm || Number(a.memberID - b.memberID));
}

/** Sizes and raft positions depend on the storage. */
function normaliseStatus(reply: StatusResponse, identity: Identity): void {
  reply.dbSize = 0n;
  reply.dbSizeInUse = 0n;
  reply.raftIndex = 0n;
  reply.raftAppliedIndex = 0n;
  reply.leader = identity.member(reply.leader);
  reply.errors = normaliseErrors(reply.errors, identity);
}

/** Members are listed by ID, and those of added ones are random. */
function normaliseMembers(members: Member[], identity: Identity): void {
  for (const member of members) {
    member.ID = identity.listedMember(member.ID);
    member.peerURLs = member.peerURLs.map((url) => identity.peerUrl(url));
    member.clientURLs = member.clientURLs.map((url) => identity.clientUrl(url));
  }
  members.sort((a, b) => Number(a.ID - b.ID));
}
