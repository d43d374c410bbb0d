/** clientv3's calls of Auth and Cluster. */
import { isMessage, type Message } from "@bufbuild/protobuf";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import {
  AuthDisableRequestSchema,
  AuthEnableRequestSchema,
  AuthenticateRequestSchema,
  AuthRoleAddRequestSchema,
  AuthRoleDeleteRequestSchema,
  AuthRoleGetRequestSchema,
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
import { fromBytes, fromText, quote, toText } from "../console/language/gostring.ts";

const text = (value: string): string => toText(quote(fromText(value)));
const bytes = (value: Uint8Array): string => toText(quote(fromBytes(value)));
const call = (name: string, ...args: readonly string[]): string => `cli.${[`${name}(ctx`, ...args].join(", ")})`;

/** Undefined for what is of neither service. */
export function authCall(request: Message): string | undefined {
  if (isMessage(request, AuthEnableRequestSchema)) return call("AuthEnable");
  if (isMessage(request, AuthDisableRequestSchema)) return call("AuthDisable");
  if (isMessage(request, AuthStatusRequestSchema)) return call("AuthStatus");
  if (isMessage(request, AuthenticateRequestSchema)) {
    return call("Authenticate", text(request.name), text(request.password));
  }
  return userCall(request) ?? roleCall(request) ?? memberCall(request);
}

function userCall(request: Message): string | undefined {
  if (isMessage(request, AuthUserAddRequestSchema)) {
    const { name, password, options } = request;
    return options?.noPassword === true
      ? call("UserAddWithOptions", text(name), '""', "&clientv3.UserAddOptions{NoPassword: true}")
      : call("UserAdd", text(name), text(password));
  }
  if (isMessage(request, AuthUserChangePasswordRequestSchema)) {
    return call("UserChangePassword", text(request.name), text(request.password));
  }
  if (isMessage(request, AuthUserGetRequestSchema)) return call("UserGet", text(request.name));
  if (isMessage(request, AuthUserListRequestSchema)) return call("UserList");
  if (isMessage(request, AuthUserDeleteRequestSchema)) return call("UserDelete", text(request.name));
  if (isMessage(request, AuthUserGrantRoleRequestSchema)) {
    return call("UserGrantRole", text(request.user), text(request.role));
  }
  if (!isMessage(request, AuthUserRevokeRoleRequestSchema)) return undefined;
  return call("UserRevokeRole", text(request.name), text(request.role));
}

const ACCESS: Record<Permission_Type, string> = {
  [Permission_Type.READ]: "PermRead",
  [Permission_Type.WRITE]: "PermWrite",
  [Permission_Type.READWRITE]: "PermReadWrite",
};

function roleCall(request: Message): string | undefined {
  if (isMessage(request, AuthRoleAddRequestSchema)) return call("RoleAdd", text(request.name));
  if (isMessage(request, AuthRoleGetRequestSchema)) return call("RoleGet", text(request.role));
  if (isMessage(request, AuthRoleListRequestSchema)) return call("RoleList");
  if (isMessage(request, AuthRoleDeleteRequestSchema)) return call("RoleDelete", text(request.role));
  if (isMessage(request, AuthRoleGrantPermissionRequestSchema) && request.perm !== undefined) {
    const { key, rangeEnd, permType } = request.perm;
    const access = `clientv3.PermissionType(clientv3.${ACCESS[permType]})`;
    return call("RoleGrantPermission", text(request.name), bytes(key), bytes(rangeEnd), access);
  }
  if (!isMessage(request, AuthRoleRevokePermissionRequestSchema)) return undefined;
  return call("RoleRevokePermission", text(request.role), bytes(request.key), bytes(request.rangeEnd));
}

function memberCall(request: Message): string | undefined {
  const urls = (peerUrls: readonly string[]): string => `[]string{${peerUrls.map(text).join(", ")}}`;
  const id = (value: bigint): string => `0x${value.toString(16)}`;
  if (isMessage(request, MemberListRequestSchema)) return call("MemberList");
  if (isMessage(request, MemberAddRequestSchema)) {
    return call(request.isLearner ? "MemberAddAsLearner" : "MemberAdd", urls(request.peerURLs));
  }
  if (isMessage(request, MemberRemoveRequestSchema)) return call("MemberRemove", id(request.ID));
  if (isMessage(request, MemberPromoteRequestSchema)) return call("MemberPromote", id(request.ID));
  if (!isMessage(request, MemberUpdateRequestSchema)) return undefined;
  return call("MemberUpdate", id(request.ID), urls(request.peerURLs));
}
