/** What the model learns from a request that succeeded. */
import type { Message } from "@bufbuild/protobuf";
import type {
  AuthRoleDeleteRequest,
  AuthRoleGrantPermissionRequest,
  AuthUserAddRequest,
  AuthUserChangePasswordRequest,
  AuthUserDeleteRequest,
} from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import type { CompactionRequest } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { type CampaignResponse, Election } from "../../src/gen/v3electionpb/election_pb.ts";
import type { Model } from "./model.ts";
import type { CallOperation } from "./operation.ts";

export const ROOT = "root";
const MAX_LEADERS = 5;

/** After these a token of root that was made before is none. */
export function endsRootToken({ method, request }: CallOperation): boolean {
  if (method === Auth.method.authEnable) return true;
  return method === Auth.method.userChangePassword && (request as AuthUserChangePasswordRequest).name === ROOT;
}

/** `reply` where it is known. */
export function learn(model: Model, { method, request }: CallOperation, reply: Message | undefined): void {
  const { auth } = model;
  switch (method) {
    case KV.method.compact: {
      const { revision, physical } = request as CompactionRequest;
      model.compacted(Number(revision));
      model.isCompacting = !physical;
      break;
    }
    case Auth.method.authEnable:
      auth.isEnabled = true;
      break;
    case Auth.method.authDisable:
      auth.isEnabled = false;
      break;
    case Auth.method.userAdd: {
      const { name, password, options } = request as AuthUserAddRequest;
      auth.passwords.set(name, options?.noPassword === true ? undefined : password);
      break;
    }
    case Auth.method.userChangePassword: {
      const { name, password } = request as AuthUserChangePasswordRequest;
      if (auth.passwords.get(name) !== undefined) auth.passwords.set(name, password);
      break;
    }
    case Auth.method.userDelete:
      auth.passwords.delete((request as AuthUserDeleteRequest).name);
      break;
    case Auth.method.roleGrantPermission: {
      const { name } = request as AuthRoleGrantPermissionRequest;
      auth.grantCounts.set(name, (auth.grantCounts.get(name) ?? 0) + 1);
      break;
    }
    case Auth.method.roleDelete:
      auth.grantCounts.delete((request as AuthRoleDeleteRequest).role);
      break;
    case Cluster.method.memberAdd:
      model.addedCount += 1;
      break;
    case Election.method.campaign: {
      const { leader } = (reply ?? {}) as Partial<CampaignResponse>;
      if (leader !== undefined) model.leaders.push(leader);
      if (model.leaders.length > MAX_LEADERS) model.leaders.shift();
      break;
    }
  }
}
