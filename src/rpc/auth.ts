import { create, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type Auth,
  AuthDisableResponseSchema,
  AuthEnableResponseSchema,
  AuthenticateResponseSchema,
  AuthRoleAddResponseSchema,
  AuthRoleDeleteResponseSchema,
  AuthRoleGetResponseSchema,
  AuthRoleGrantPermissionResponseSchema,
  AuthRoleListResponseSchema,
  AuthRoleRevokePermissionResponseSchema,
  AuthStatusResponseSchema,
  AuthUserAddResponseSchema,
  AuthUserChangePasswordResponseSchema,
  AuthUserDeleteResponseSchema,
  AuthUserGetResponseSchema,
  AuthUserGrantRoleResponseSchema,
  AuthUserListResponseSchema,
  AuthUserRevokeRoleResponseSchema,
} from "../gen/etcdserverpb/auth_pb.ts";
import type { Caller, Etcd } from "../server/index.ts";
import type { Access } from "./access.ts";
import { header } from "./header.ts";
import { Login } from "./login.ts";
import { decodeHash, type Passwords } from "./passwords.ts";
import { checkRequestSize } from "./size.ts";
import type { TokenProvider } from "./tokens/provider.ts";

export interface AuthServiceOptions {
  readonly etcd: Etcd;
  readonly access: Access;
  readonly tokens: TokenProvider;
  readonly passwords: Passwords;
  readonly bcryptCost: number;
}

type AuthService = ServiceImpl<typeof Auth>;
type UserMethods = Extract<keyof AuthService, `user${string}`>;
type RoleMethods = Extract<keyof AuthService, `role${string}`>;

/** etcdserverpb.Auth. As in etcd every call of it, a reading one too, goes through what would be consensus. */
export function authService(options: AuthServiceOptions): AuthService {
  const { etcd, tokens } = options;
  const { auth } = etcd;
  const calls = new Calls(etcd, options.access);
  const login = new Login(options);
  return {
    authEnable(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.enable();
      return calls.reply(AuthEnableResponseSchema);
    },

    authDisable(message, context) {
      calls.proposeAsAdmin(message, context);
      if (auth.enabled) tokens.clear();
      auth.disable();
      return calls.reply(AuthDisableResponseSchema);
    },

    /** Anyone may ask. */
    authStatus(message, context) {
      calls.propose(message, context);
      return calls.reply(AuthStatusResponseSchema, { enabled: auth.enabled, authRevision: BigInt(auth.revision) });
    },

    /** Whatever token the call has is not looked at. */
    async authenticate({ name, password }) {
      return calls.reply(AuthenticateResponseSchema, { token: await login.authenticate(name, password) });
    },

    ...userMethods(options, calls, login),
    ...roleMethods(options, calls),
  };
}

function userMethods(
  { etcd, access, tokens }: AuthServiceOptions,
  calls: Calls,
  login: Login,
): Pick<AuthService, UserMethods> {
  const { auth } = etcd;
  return {
    /** A hash that the client sends is not taken. */
    async userAdd(message, context) {
      const { name, options } = message;
      const hash =
        options?.noPassword === true ? undefined : await login.hash(message.password, () => access.caller(context));
      calls.proposeAsAdmin(message, context);
      auth.addUser(name, hash, options);
      return calls.reply(AuthUserAddResponseSchema);
    },

    userGet(message, context) {
      auth.requireUserRead(calls.propose(message, context), message.name);
      return calls.reply(AuthUserGetResponseSchema, { roles: auth.user(message.name).roles });
    },

    userList(message, context) {
      calls.proposeAsAdmin(message, context);
      return calls.reply(AuthUserListResponseSchema, { users: auth.userNames() });
    },

    userDelete(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.deleteUser(message.name);
      tokens.invalidateUser(message.name);
      return calls.reply(AuthUserDeleteResponseSchema);
    },

    /** Without a password, what the client sends as its hash is taken for one. */
    async userChangePassword(message, context) {
      const { name, password, hashedPassword } = message;
      const hash =
        password === "" ? decodeHash(hashedPassword) : await login.hash(password, () => access.caller(context));
      calls.proposeAsAdmin(message, context);
      auth.changePassword(name, hash);
      tokens.invalidateUser(name);
      return calls.reply(AuthUserChangePasswordResponseSchema);
    },

    userGrantRole(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.grantRole(message.user, message.role);
      return calls.reply(AuthUserGrantRoleResponseSchema);
    },

    userRevokeRole(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.revokeRole(message.name, message.role);
      return calls.reply(AuthUserRevokeRoleResponseSchema);
    },
  };
}

function roleMethods({ etcd }: AuthServiceOptions, calls: Calls): Pick<AuthService, RoleMethods> {
  const { auth } = etcd;
  return {
    roleAdd(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.addRole(message.name);
      return calls.reply(AuthRoleAddResponseSchema);
    },

    roleGet(message, context) {
      auth.requireRoleRead(calls.propose(message, context), message.role);
      return calls.reply(AuthRoleGetResponseSchema, { perm: [...auth.permissions(message.role)] });
    },

    roleList(message, context) {
      calls.proposeAsAdmin(message, context);
      return calls.reply(AuthRoleListResponseSchema, { roles: auth.roleNames() });
    },

    roleDelete(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.deleteRole(message.role);
      return calls.reply(AuthRoleDeleteResponseSchema);
    },

    roleGrantPermission(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.grantPermission(message.name, message.perm);
      return calls.reply(AuthRoleGrantPermissionResponseSchema);
    },

    roleRevokePermission(message, context) {
      calls.proposeAsAdmin(message, context);
      auth.revokePermission(message.role, message);
      return calls.reply(AuthRoleRevokePermissionResponseSchema);
    },
  };
}

/** What all these calls begin and end with. */
class Calls {
  readonly #etcd: Etcd;
  readonly #access: Access;

  constructor(etcd: Etcd, access: Access) {
    this.#etcd = etcd;
    this.#access = access;
  }

  /** @throws EtcdError `invalidAuthToken`, `requestTooLarge`, `stopped` */
  propose(message: Message, context: HandlerContext): Caller | undefined {
    const caller = this.#access.caller(context);
    checkRequestSize(context.method.input, message, Number.POSITIVE_INFINITY, this.#etcd.options.maxRequestBytes);
    this.#etcd.propose();
    return caller;
  }

  /** @throws EtcdError as `propose`, then `userEmpty`, `userNotFound`, `permissionDenied` */
  proposeAsAdmin(message: Message, context: HandlerContext): void {
    this.#etcd.auth.requireAdmin(this.propose(message, context));
  }

  reply<S extends DescMessage>(schema: S, fields: Partial<MessageShape<S>> = {}): MessageShape<S> {
    return Object.assign(create(schema), { header: header(this.#etcd, this.#etcd.store.revision) }, fields);
  }
}
