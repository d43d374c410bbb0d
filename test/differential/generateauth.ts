/**
 * Random requests of the Auth service, and who asks while auth is on.
 *
 * A phase of auth sets up users, roles and tokens, turns auth on, and in the end off again. Meanwhile requests
 * carry tokens of several users, of ones that are gone, or none.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { PermissionSchema } from "../../src/gen/authpb/auth_pb.ts";
import { Permission_Type } from "../../src/gen/authpb/auth_pb.ts";
import { Auth, AuthenticateRequestSchema } from "../../src/gen/etcdserverpb/auth_pb.ts";
import { ADMIN } from "./credential.ts";
import { anyRange, EMPTY, isFromKey, largeRange, ZERO } from "./keys.ts";
import { ROOT } from "./learn.ts";
import type { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { by, call } from "./operation.ts";
import type { Random } from "./random.ts";

const { READ, WRITE, READWRITE } = Permission_Type;
const { method } = Auth;
const USERS: readonly string[] = ["ann", "bob", "cleo", "dörte", ROOT];
const ROLES: readonly string[] = ["reader", "writer", "all", "röle", ROOT];
/** bcrypt takes 72 bytes and no more. */
const PASSWORDS: readonly string[] = ["x", "pass word", "pässword", "p".repeat(72)];
const MAX_GRANTS = 12;
const SLOTS: readonly string[] = ["1", "2", "3", "4", "5", "6"];

function user(random: Random): string {
  return random.weighted([
    [97, random.pick(USERS)],
    [2, "nobody"],
    [1, ""],
  ]);
}

function role(random: Random): string {
  return random.weighted([
    [97, random.pick(ROLES)],
    [2, "nothing"],
    [1, ""],
  ]);
}

function newPassword(random: Random): string {
  return random.weighted([
    [90, random.pick(PASSWORDS)],
    [5, ""],
    [5, "p".repeat(73)],
  ]);
}

/** root always has a password that it can sign in with: the comparison needs it. */
function passwordOf(random: Random, name: string): { password: string; options?: { noPassword: boolean } } {
  if (name === ROOT) return { password: random.pick(PASSWORDS) };
  if (random.chance(0.08)) return { password: random.pick(["", "x"]), options: { noPassword: true } };
  return random.chance(0.2)
    ? { password: newPassword(random), options: { noPassword: false } }
    : { password: newPassword(random) };
}

export function permission(random: Random): MessageInitShape<typeof PermissionSchema> {
  const permType = random.weighted<Permission_Type>([
    [35, READ],
    [25, WRITE],
    [38, READWRITE],
    [1, 7 as Permission_Type],
  ]);
  const range = random.weighted<() => { key: Uint8Array; rangeEnd: Uint8Array }>([
    [60, () => anyRange(random)],
    [15, () => largeRange(random)],
    [10, () => ({ key: Buffer.from("E/"), rangeEnd: Buffer.from("E0") })],
    [12, () => ({ key: ZERO, rangeEnd: ZERO })],
    [2, () => ({ key: EMPTY, rangeEnd: random.pick([EMPTY, ZERO]) })],
  ])();
  return { permType, ...range };
}

/** Any of the 17. Auth may go on outside of a phase by this, or off before its end. */
export function authCall(random: Random, model: Model): Operation {
  return random.weighted<() => Operation>([
    [6, () => userAdd(random)],
    [5, () => call(method.userGet, { name: user(random) })],
    [3, () => call(method.userList, {})],
    [3, () => call(method.userDelete, { name: user(random) })],
    [4, () => userChangePassword(random)],
    [8, () => call(method.userGrantRole, { user: user(random), role: role(random) })],
    [5, () => call(method.userRevokeRole, { name: user(random), role: role(random) })],
    [5, () => call(method.roleAdd, { name: role(random) })],
    [5, () => call(method.roleGet, { role: role(random) })],
    [3, () => call(method.roleList, {})],
    [3, () => call(method.roleDelete, { role: role(random) })],
    [10, () => roleGrant(random, model)],
    [6, () => roleRevoke(random)],
    [3, () => call(method.authStatus, {})],
    [12, () => login(random, model)],
    [0.8, () => call(method.authEnable, {})],
    [0.8, () => call(method.authDisable, {})],
    [4, () => call(method.authenticate, { name: user(random), password: random.pick(PASSWORDS) })],
  ])();
}

function userAdd(random: Random): Operation {
  const name = user(random);
  return call(method.userAdd, { name, ...passwordOf(random, name) });
}

function userChangePassword(random: Random): Operation {
  const name = user(random);
  const password = name === ROOT ? random.pick(PASSWORDS) : newPassword(random);
  return call(method.userChangePassword, { name, password });
}

function roleGrant(random: Random, model: Model): Operation {
  const name = role(random);
  if (grantsLeft(model, name) <= 0) return call(method.roleDelete, { role: name });
  return call(method.roleGrantPermission, random.chance(0.02) ? { name } : { name, perm: permission(random) });
}

/** Past 12 of them Go's sort is not stable, and the order of those with the same key is anyone's guess. */
function grantsLeft({ auth }: Model, name: string): number {
  return MAX_GRANTS - (auth.grantCounts.get(name) ?? 0);
}

function roleRevoke(random: Random): Operation {
  const { key = EMPTY, rangeEnd = EMPTY } = permission(random);
  return call(method.roleRevokePermission, { role: role(random), key, rangeEnd });
}

/** Mostly with the right password. */
function login(random: Random, { auth }: Model, name = user(random), slot = random.pick(SLOTS)): Operation {
  const known = auth.passwords.get(name);
  const password = known !== undefined && random.chance(0.9) ? known : random.pick(PASSWORDS);
  const request = create(AuthenticateRequestSchema, { name, password });
  return { kind: "login", slot, request };
}

/** What turns auth on, with users and roles enough for something to be allowed. */
export function authStart(random: Random, model: Model): Operation[] {
  const password = random.pick(PASSWORDS);
  const known = model.auth.passwords;
  const operations: Operation[] = [];
  const users = USERS.filter((name) => name !== ROOT && random.chance(0.8));
  const roles = ROLES.filter((name) => name !== ROOT && random.chance(0.8));
  for (const name of roles) {
    operations.push(call(method.roleAdd, { name }));
    const count = Math.min(random.integer(0, 3), grantsLeft(model, name));
    for (let index = 0; index < count; index += 1) {
      operations.push(call(method.roleGrantPermission, { name, perm: permission(random) }));
    }
  }
  for (const name of users) {
    if (!known.has(name)) operations.push(call(method.userAdd, { name, ...passwordOf(random, name) }));
    for (const role of random.sample(roles, random.integer(0, 3))) {
      operations.push(call(method.userGrantRole, { user: name, role }));
    }
  }
  if (!known.has(ROOT)) operations.push(call(method.userAdd, { name: ROOT, password }));
  // Fails where root lacks its role, which is granted next.
  if (random.chance(0.2)) operations.push(call(method.authEnable, {}));
  operations.push(call(method.roleAdd, { name: ROOT }));
  operations.push(call(method.userGrantRole, { user: ROOT, role: ROOT }));
  operations.push(call(method.authEnable, {}));
  return operations;
}

/** Some of the users sign in; the other slots keep tokens that are old, or none. */
export function logins(random: Random, model: Model): Operation[] {
  const names = [...model.auth.passwords.keys()].filter((name) => name !== ROOT);
  return names.length === 0
    ? []
    : random.sample(SLOTS, 5).map((slot) => login(random, model, random.pick(names), slot));
}

export function authEnd(): Operation {
  return by(ADMIN, call(method.authDisable, {}));
}

/**
 * Whether any range in the request ends before it begins. For those etcd finds a right or does not find it by the
 * shape of its interval tree; root needs none.
 */
function hasBackwardRange(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasBackwardRange);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  const { key, rangeEnd } = value as { key?: unknown; rangeEnd?: unknown };
  if (key instanceof Uint8Array && rangeEnd instanceof Uint8Array && rangeEnd.length > 0) {
    if (!isFromKey(rangeEnd) && Buffer.compare(rangeEnd, key) < 0) return true;
  }
  return Object.values(value).some(hasBackwardRange);
}

/** By somebody: of the slots, root, nobody, or with a token that nobody gave out. */
export function bySomebody(random: Random, operation: Operation): Operation {
  if ("request" in operation && hasBackwardRange(operation.request)) return by(ADMIN, operation);
  const as = random.weighted<string | undefined>([
    [60, random.pick(SLOTS)],
    [28, ADMIN],
    [5, undefined],
    [3, random.pick([`!${random.pick(SLOTS)}`, `~${random.pick(SLOTS)}`])],
    [2, random.pick(["=bad", "=", "=abcdefghijklmnop.9", "!=bad", "~=bad"])],
  ]);
  return by(as, operation);
}

/** While auth is off: now and then a token all the same. */
export function authWhileOff(random: Random, model: Model): Operation {
  const operation = authCall(random, model);
  return random.chance(0.1) ? bySomebody(random, operation) : operation;
}
