import { create } from "@bufbuild/protobuf";
import { etcdError } from "../errors.ts";
import {
  type Permission,
  Permission_Type,
  PermissionSchema,
  type Role,
  RoleSchema,
  type User,
  type UserAddOptions,
  UserAddOptionsSchema,
  UserSchema,
} from "../gen/authpb/auth_pb.ts";
import type { Caller } from "./caller.ts";
import { bytesFromName, compareBytes, compareNames, nameFromBytes } from "./names.ts";
import { passwordForNone } from "./passwordless.ts";
import { RangePermissions } from "./ranges.ts";
import {
  type AuthRow,
  deletedRoleRow,
  deletedUserRow,
  enabledRow,
  readRows,
  revisionRow,
  roleRow,
  type StoredRow,
  userRow,
} from "./rows.ts";

/** The user without whom auth cannot be on, and the role that may do everything. */
export const ROOT = "root";

const FROM_KEY = Uint8Array.of(0);
const EVERYTHING = new RangePermissions([
  create(RoleSchema, { keyPermission: [{ permType: Permission_Type.READWRITE, rangeEnd: FROM_KEY }] }),
]);

/** A range of keys in the form of etcd's wire, as bytes. */
export interface GrantedRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/**
 * Users, roles and whether they count (rules AU1 to AU4). Each change raises the auth revision, but for
 * enabling, and tells the rows that it changes; a change that fails changes nothing.
 *
 * Users and roles are messages of etcd's, never changed once they are here.
 */
export class AuthStore {
  readonly #onRow: (row: AuthRow) => void;
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, Role>();
  /** By user; made when first asked for, and all forgotten with any change. */
  readonly #permissions = new Map<string, RangePermissions>();
  /** Undefined until it is first set: there is no row then. */
  #enabled: boolean | undefined;
  #revision: number;

  /** @param rows what is kept of one; nothing makes a new one, at revision 1 */
  constructor(rows: Iterable<StoredRow>, onRow: (row: AuthRow) => void) {
    const { enabled, revision, users, roles } = readRows(rows);
    this.#onRow = onRow;
    this.#enabled = enabled;
    this.#revision = Math.max(1, revision);
    for (const user of users) this.#users.set(nameFromBytes(user.name), user);
    for (const role of roles) this.#roles.set(nameFromBytes(role.name), role);
  }

  get enabled(): boolean {
    return this.#enabled === true;
  }

  get revision(): number {
    return this.#revision;
  }

  /** All that is kept, bucket by bucket, in the order of their keys. */
  rows(): AuthRow[] {
    const enabled = this.#enabled === undefined ? [] : [enabledRow(this.#enabled)];
    const users = this.userNames().map((name) => userRow(this.user(name)));
    const roles = this.roleNames().map((name) => roleRow(this.#role(name)));
    return [...enabled, revisionRow(this.#revision), ...users, ...roles];
  }

  /** @throws EtcdError `rootUserNotExist`, `rootRoleNotExist` */
  enable(): void {
    if (this.enabled) return;
    const root = this.#users.get(ROOT);
    if (root === undefined) throw etcdError("rootUserNotExist");
    if (!root.roles.includes(ROOT)) throw etcdError("rootRoleNotExist");
    this.#enabled = true;
    this.#onRow(enabledRow(true));
  }

  disable(): void {
    if (!this.enabled) return;
    this.#enabled = false;
    this.#onRow(enabledRow(false));
    this.#changed();
  }

  findUser(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** @throws EtcdError `userNotFound` */
  user(name: string): User {
    const user = this.#users.get(name);
    if (user === undefined) throw etcdError("userNotFound");
    return user;
  }

  userNames(): string[] {
    return [...this.#users.keys()].sort(compareNames);
  }

  /**
   * @param password its hash, undefined for a user that has none
   * @throws EtcdError `userEmpty`, `userAlreadyExists`
   */
  addUser(name: string, password: Uint8Array | undefined, options: UserAddOptions | undefined): void {
    if (name === "") throw etcdError("userEmpty");
    if (this.#users.has(name)) throw etcdError("userAlreadyExists");
    this.#putUser(
      create(UserSchema, {
        name: bytesFromName(name),
        password: password ?? new Uint8Array(0),
        options: options ?? create(UserAddOptionsSchema),
      }),
    );
    this.#changed();
  }

  /** @throws EtcdError `invalidAuthManagement`, `userNotFound` */
  deleteUser(name: string): void {
    if (this.enabled && name === ROOT) throw etcdError("invalidAuthManagement");
    this.user(name);
    this.#users.delete(name);
    this.#onRow(deletedUserRow(name));
    this.#changed();
  }

  /**
   * @param password its hash, undefined for what is none; of no account for a user that has no password
   * @throws EtcdError `userNotFound`, and etcd's for what is no hash
   */
  changePassword(name: string, password: Uint8Array | undefined): void {
    const user = this.user(name);
    const hasNone = user.options?.noPassword === true;
    if (!hasNone && password === undefined) throw passwordForNone();
    this.#putUser({ ...user, password: hasNone || password === undefined ? new Uint8Array(0) : password });
    this.#changed();
  }

  /** To grant a role again is no change. @throws EtcdError `userNotFound`, `roleNotFound` */
  grantRole(name: string, role: string): void {
    const user = this.user(name);
    if (role !== ROOT) this.#role(role);
    if (user.roles.includes(role)) return;
    this.#putUser({ ...user, roles: [...user.roles, role].sort(compareNames) });
    this.#changed();
  }

  /** @throws EtcdError `invalidAuthManagement`, `userNotFound`, `roleNotGranted` */
  revokeRole(name: string, role: string): void {
    if (this.enabled && name === ROOT && role === ROOT) throw etcdError("invalidAuthManagement");
    const user = this.user(name);
    if (!user.roles.includes(role)) throw etcdError("roleNotGranted");
    this.#putUser({ ...user, roles: user.roles.filter((granted) => granted !== role) });
    this.#changed();
  }

  /** What a role grants; of `root`, everything, whatever it was granted. @throws EtcdError `roleNotFound` */
  permissions(role: string): readonly Permission[] {
    const { keyPermission } = this.#role(role);
    if (role !== ROOT) return keyPermission;
    return [create(PermissionSchema, { permType: Permission_Type.READWRITE, rangeEnd: FROM_KEY })];
  }

  roleNames(): string[] {
    return [...this.#roles.keys()].sort(compareNames);
  }

  /** @throws EtcdError `roleEmpty`, `roleAlreadyExists` */
  addRole(name: string): void {
    if (name === "") throw etcdError("roleEmpty");
    if (this.#roles.has(name)) throw etcdError("roleAlreadyExists");
    this.#putRole(create(RoleSchema, { name: bytesFromName(name) }));
    this.#changed();
  }

  /** Takes it from those who have it too. @throws EtcdError `invalidAuthManagement`, `roleNotFound` */
  deleteRole(name: string): void {
    if (this.enabled && name === ROOT) throw etcdError("invalidAuthManagement");
    this.#role(name);
    this.#roles.delete(name);
    this.#onRow(deletedRoleRow(name));
    for (const user of this.#users.values()) {
      if (!user.roles.includes(name)) continue;
      this.#putUser({ ...user, roles: user.roles.filter((role) => role !== name) });
    }
    this.#changed();
  }

  /**
   * As in etcd, what was granted on the range before is replaced only if it is the first of those that begin
   * at its key; else it stays beside the new one.
   * @throws EtcdError `permissionNotGiven`, `invalidAuthManagement`, `roleNotFound`
   */
  grantPermission(name: string, permission: Permission | undefined): void {
    if (permission === undefined) throw etcdError("permissionNotGiven");
    if (!isGrantable(permission)) throw etcdError("invalidAuthManagement");
    const role = this.#role(name);
    const granted = role.keyPermission;
    const { permType } = permission;
    const at = granted.findIndex(({ key }) => compareBytes(key, permission.key) >= 0);
    const existing = granted[at];
    const keyPermission =
      existing !== undefined && isSameRange(existing, permission)
        ? granted.with(at, { ...existing, permType })
        : [...granted, copyOf(permission)].sort((a, b) => compareBytes(a.key, b.key));
    this.#putRole({ ...role, keyPermission });
    this.#changed();
  }

  /** @throws EtcdError `roleNotFound`, `permissionNotGranted` */
  revokePermission(name: string, range: GrantedRange): void {
    const role = this.#role(name);
    const keyPermission = role.keyPermission.filter((permission) => !isSameRange(permission, range));
    if (keyPermission.length === role.keyPermission.length) throw etcdError("permissionNotGranted");
    this.#putRole({ ...role, keyPermission });
    this.#changed();
  }

  /** Whether the caller is such a one; with auth off everyone is. */
  isAdmin(caller: Caller | undefined): boolean {
    return !this.enabled || this.#adminRefusal(caller) === undefined;
  }

  /** @throws EtcdError `userEmpty`, `userNotFound`, `permissionDenied` */
  requireAdmin(caller: Caller | undefined): void {
    const refusal = this.enabled ? this.#adminRefusal(caller) : undefined;
    if (refusal !== undefined) throw etcdError(refusal);
  }

  /** Users are shown to root and to themselves. @throws EtcdError as `requireAdmin` */
  requireUserRead(caller: Caller | undefined, name: string): void {
    if (name !== (caller?.username ?? "")) this.requireAdmin(caller);
  }

  /** Roles are shown to root and to those who have them. @throws EtcdError as `requireAdmin` */
  requireRoleRead(caller: Caller | undefined, role: string): void {
    if (!this.#users.get(caller?.username ?? "")?.roles.includes(role)) this.requireAdmin(caller);
  }

  /** @throws EtcdError `userEmpty`, `authOldRevision`, `permissionDenied` */
  checkRead(caller: Caller | undefined, key: string, rangeEnd: string): void {
    if (this.enabled && !this.#permissionsOf(caller)?.read.covers(key, rangeEnd)) throw etcdError("permissionDenied");
  }

  /** @throws EtcdError `userEmpty`, `authOldRevision`, `permissionDenied` */
  checkWrite(caller: Caller | undefined, key: string, rangeEnd: string): void {
    if (this.enabled && !this.#permissionsOf(caller)?.write.covers(key, rangeEnd)) throw etcdError("permissionDenied");
  }

  #adminRefusal(caller: Caller | undefined): "userEmpty" | "userNotFound" | "permissionDenied" | undefined {
    if (caller === undefined || caller.username === "") return "userEmpty";
    const user = this.#users.get(caller.username);
    if (user === undefined) return "userNotFound";
    return user.roles.includes(ROOT) ? undefined : "permissionDenied";
  }

  /** Undefined for a user that is gone. @throws EtcdError `userEmpty`, `authOldRevision` */
  #permissionsOf(caller: Caller | undefined): RangePermissions | undefined {
    if (caller === undefined || caller.revision === 0) throw etcdError("userEmpty");
    if (caller.revision < this.#revision) throw etcdError("authOldRevision");
    const known = this.#permissions.get(caller.username);
    if (known !== undefined) return known;
    const user = this.#users.get(caller.username);
    if (user === undefined) return undefined;
    const permissions = user.roles.includes(ROOT) ? EVERYTHING : new RangePermissions(this.#rolesOf(user));
    this.#permissions.set(caller.username, permissions);
    return permissions;
  }

  #rolesOf(user: User): Role[] {
    return user.roles.flatMap((name) => this.#roles.get(name) ?? []);
  }

  #role(name: string): Role {
    const role = this.#roles.get(name);
    if (role === undefined) throw etcdError("roleNotFound");
    return role;
  }

  #putUser(user: User): void {
    this.#users.set(nameFromBytes(user.name), user);
    this.#onRow(userRow(user));
  }

  #putRole(role: Role): void {
    this.#roles.set(nameFromBytes(role.name), role);
    this.#onRow(roleRow(role));
  }

  #changed(): void {
    this.#permissions.clear();
    this.#revision++;
    this.#onRow(revisionRow(this.#revision));
  }
}

/** Not an empty key, and not a range that ends where it begins or before. */
function isGrantable({ key, rangeEnd }: GrantedRange): boolean {
  if (key.length === 0) return false;
  const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return rangeEnd.length === 0 || isOpen || compareBytes(key, rangeEnd) < 0;
}

function isSameRange(a: GrantedRange, b: GrantedRange): boolean {
  return compareBytes(a.key, b.key) === 0 && compareBytes(a.rangeEnd, b.rangeEnd) === 0;
}

/** Without the request that it came in. */
function copyOf({ permType, key, rangeEnd }: Permission): Permission {
  return create(PermissionSchema, { permType, key: key.slice(), rangeEnd: rangeEnd.slice() });
}
