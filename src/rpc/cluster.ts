import { create, type MessageShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type Cluster,
  MemberAddResponseSchema,
  MemberListResponseSchema,
  type Member as MemberMessage,
  MemberRemoveResponseSchema,
  MemberSchema,
  MemberUpdateResponseSchema,
} from "../gen/etcdserverpb/cluster_pb.ts";
import { type Etcd, type Member, parsePeerUrls } from "../server/index.ts";
import type { Access } from "./access.ts";
import { header } from "./header.ts";

type ListingSchema =
  | typeof MemberAddResponseSchema
  | typeof MemberRemoveResponseSchema
  | typeof MemberUpdateResponseSchema
  | typeof MemberListResponseSchema;

/**
 * etcdserverpb.Cluster: the members, see src/server/members.ts. Its replies carry no revision. One member's view
 * is the cluster's, so a linearizable list is any other.
 */
export function clusterService(etcd: Etcd, access: Access): ServiceImpl<typeof Cluster> {
  const { members } = etcd;
  /** What all replies carry: who there is by then. */
  const reply = <S extends ListingSchema>(schema: S): MessageShape<S> =>
    Object.assign(create(schema), { header: header(etcd, 0), members: members.list().map(memberMessage) });
  return {
    async memberAdd(message, context) {
      const peerUrls = parsePeerUrls(message.peerURLs);
      access.requireAdmin(context);
      const id = await memberId(peerUrls, Math.floor(Date.now() / 1000));
      const added = members.add({ id, peerUrls, isLearner: message.isLearner });
      const response = reply(MemberAddResponseSchema);
      response.member = memberMessage(added);
      return response;
    },

    memberRemove(message, context) {
      access.requireAdmin(context);
      members.remove(message.ID);
      return reply(MemberRemoveResponseSchema);
    },

    memberUpdate(message, context) {
      access.requireAdmin(context);
      members.update(message.ID, message.peerURLs);
      return reply(MemberUpdateResponseSchema);
    },

    memberList(_message, context) {
      access.requireUser(context);
      return reply(MemberListResponseSchema);
    },

    memberPromote(message, context) {
      access.requireAdmin(context);
      return members.promote(message.ID);
    },
  };
}

function memberMessage(member: Member): MemberMessage {
  const message = create(MemberSchema);
  message.ID = member.id;
  message.name = member.name;
  message.peerURLs = [...member.peerUrls];
  message.clientURLs = [...member.clientUrls];
  message.isLearner = member.isLearner;
  return message;
}

/** An ID as etcd makes one for a member that is added: of its URLs and the time. */
async function memberId(peerUrls: readonly string[], nowSeconds: number): Promise<bigint> {
  const text = new TextEncoder().encode(peerUrls.join("") + nowSeconds);
  const hash = await crypto.subtle.digest("SHA-1", text);
  return new DataView(hash).getBigUint64(0);
}
