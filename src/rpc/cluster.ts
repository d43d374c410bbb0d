import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type Cluster, MemberListResponseSchema, MemberSchema } from "../gen/etcdserverpb/cluster_pb.ts";
import type { Etcd } from "../server/index.ts";
import { header } from "./header.ts";

/** etcdserverpb.Cluster: the one member. Its replies carry no revision. */
export function clusterService(etcd: Etcd): Pick<ServiceImpl<typeof Cluster>, "memberList"> {
  return {
    memberList() {
      const member = create(MemberSchema);
      member.ID = etcd.options.memberId;
      member.name = etcd.options.name;
      member.peerURLs = [...etcd.options.peerUrls];
      member.clientURLs = [...etcd.options.clientUrls];
      const response = create(MemberListResponseSchema);
      response.header = header(etcd, 0);
      response.members = [member];
      return response;
    },
  };
}
