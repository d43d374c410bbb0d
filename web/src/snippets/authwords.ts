/** The etcdctl commands of Auth and Cluster. A password is never among the words: etcdctl asks for it. */
import { isMessage, type Message } from "@bufbuild/protobuf";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import {
  AuthDisableRequestSchema,
  AuthEnableRequestSchema,
  AuthRoleAddRequestSchema,
  AuthRoleDeleteRequestSchema,
  AuthRoleGetRequestSchema,
  type AuthRoleGrantPermissionRequest,
  AuthRoleGrantPermissionRequestSchema,
  AuthRoleListRequestSchema,
  AuthRoleRevokePermissionRequestSchema,
  AuthStatusRequestSchema,
  AuthUserAddRequestSchema,
  AuthUserChangePasswordRequestSchema,
  AuthUserDeleteRequestSchema,
  AuthUserGetRequestSchema,
  AuthUserGrantRoleRequestSchema,
  AuthUserListRequestSchema,
  AuthUserRevokeRoleRequestSchema,
} from "../../../src/gen/etcdserverpb/auth_pb.ts";
import {
  MemberAddRequestSchema,
  MemberListRequestSchema,
  MemberPromoteRequestSchema,
  MemberRemoveRequestSchema,
  MemberUpdateRequestSchema,
} from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { type CommandWords, rangeWords } from "../console/language/format.ts";
import { fromText } from "../console/language/gostring.ts";

function words(name: string, args: readonly string[] = [], flags: readonly string[] = []): CommandWords {
  return { name, flags, args: args.map(fromText), lost: [] };
}

/** Undefined for what is of neither service. */
export function authWords(request: Message): CommandWords | undefined {
  if (isMessage(request, AuthEnableRequestSchema)) return words("auth enable");
  if (isMessage(request, AuthDisableRequestSchema)) return words("auth disable");
  if (isMessage(request, AuthStatusRequestSchema)) return words("auth status");
  return userWords(request) ?? roleWords(request) ?? memberWords(request);
}

function userWords(request: Message): CommandWords | undefined {
  if (isMessage(request, AuthUserAddRequestSchema)) {
    return words("user add", [request.name], request.options?.noPassword === true ? ["--no-password"] : []);
  }
  if (isMessage(request, AuthUserGetRequestSchema)) return words("user get", [request.name]);
  if (isMessage(request, AuthUserListRequestSchema)) return words("user list");
  if (isMessage(request, AuthUserDeleteRequestSchema)) return words("user delete", [request.name]);
  if (isMessage(request, AuthUserChangePasswordRequestSchema)) return words("user passwd", [request.name]);
  if (isMessage(request, AuthUserGrantRoleRequestSchema)) return words("user grant-role", [request.user, request.role]);
  if (isMessage(request, AuthUserRevokeRoleRequestSchema)) {
    return words("user revoke-role", [request.name, request.role]);
  }
  return undefined;
}

function roleWords(request: Message): CommandWords | undefined {
  if (isMessage(request, AuthRoleAddRequestSchema)) return words("role add", [request.name]);
  if (isMessage(request, AuthRoleGetRequestSchema)) return words("role get", [request.role]);
  if (isMessage(request, AuthRoleListRequestSchema)) return words("role list");
  if (isMessage(request, AuthRoleDeleteRequestSchema)) return words("role delete", [request.role]);
  if (isMessage(request, AuthRoleGrantPermissionRequestSchema)) return grantWords(request);
  if (!isMessage(request, AuthRoleRevokePermissionRequestSchema)) return undefined;
  const { flags, args } = rangeWords(request);
  return { name: "role revoke-permission", flags, args: [fromText(request.role), ...args], lost: [] };
}

function grantWords({ name, perm }: AuthRoleGrantPermissionRequest): CommandWords | undefined {
  if (perm === undefined) return undefined;
  const { flags, args } = rangeWords(perm);
  return {
    name: "role grant-permission",
    flags,
    args: [fromText(name), ACCESS[perm.permType] ?? "", ...args],
    lost: [],
  };
}

const ACCESS: Record<Permission_Type, string> = {
  [Permission_Type.READ]: "read",
  [Permission_Type.WRITE]: "write",
  [Permission_Type.READWRITE]: "readwrite",
};

function memberWords(request: Message): CommandWords | undefined {
  const urls = (peerUrls: readonly string[]): string => `--peer-urls=${peerUrls.join(",")}`;
  if (isMessage(request, MemberListRequestSchema)) return words("member list");
  if (isMessage(request, MemberAddRequestSchema)) {
    // The name is for what etcdctl prints, not for the request.
    return words("member add", ["new-member"], [urls(request.peerURLs), ...(request.isLearner ? ["--learner"] : [])]);
  }
  if (isMessage(request, MemberRemoveRequestSchema)) return words("member remove", [request.ID.toString(16)]);
  if (isMessage(request, MemberPromoteRequestSchema)) return words("member promote", [request.ID.toString(16)]);
  if (!isMessage(request, MemberUpdateRequestSchema)) return undefined;
  return words("member update", [request.ID.toString(16)], [urls(request.peerURLs)]);
}
