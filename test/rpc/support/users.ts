/** Users in a test's hands: an etcd with auth on, and the same etcd as somebody sees it who has a token. */
import type { CallOptions } from "@connectrpc/connect";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { bytes } from "./show.ts";
import type { Target } from "./target.ts";

export const { READ, WRITE, READWRITE } = Permission_Type;
/** The end of a range that is open. */
export const FROM_KEY = "\0";

/** What a role is given: a type, a key, and a range's end. */
export type Grant = readonly [permType: number, key: string, rangeEnd?: string];

type Method = (request: unknown, options?: CallOptions) => unknown;

/** The target with headers on every call. */
export function withHeaders<T extends object>(target: T, headers: Record<string, string>): T {
  const clients = Object.entries(target).map(([name, client]) => {
    if (
      typeof client !== "object" ||
      !/^(kv|watch|lease|maintenance|cluster|auth|lock|election|keys)|^browser/.test(name)
    ) {
      return [name, client];
    }
    return [
      name,
      new Proxy(client, {
        get:
          (methods, method) =>
          (request: unknown, options: CallOptions = {}) =>
            (methods as Record<string | symbol, Method>)[method]?.(request, { ...options, headers }),
      }),
    ];
  });
  return Object.fromEntries(clients);
}

export function withToken<T extends object>(target: T, token: string): T {
  return withHeaders(target, { token });
}

/** As a user sees it who has just shown a password, by default the one that `addUser` gives. */
export async function signIn<T extends Target>(target: T, name: string, password = `${name}'s`): Promise<T> {
  return withToken(target, await tokenOf(target, name, password));
}

export async function tokenOf(target: Target, name: string, password = `${name}'s`): Promise<string> {
  return (await target.auth.authenticate({ name, password })).token;
}

/** A user with a role of its own name, and what that is granted. */
export async function addUser(root: Target, name: string, ...grants: Grant[]): Promise<void> {
  await root.auth.userAdd({ name, password: `${name}'s` });
  await root.auth.roleAdd({ name });
  for (const grant of grants) await grantTo(root, name, grant);
  await root.auth.userGrantRole({ user: name, role: name });
}

export async function grantTo(root: Target, role: string, [permType, key, rangeEnd = ""]: Grant): Promise<void> {
  const perm = { permType: permType as 0, key: bytes(key), rangeEnd: bytes(rangeEnd) };
  await root.auth.roleGrantPermission({ name: role, perm });
}

/** Enables auth; as root sees it. */
export async function enableAuth<T extends Target>(target: T): Promise<T> {
  await target.auth.userAdd({ name: "root", password: "root's" });
  await target.auth.userGrantRole({ user: "root", role: "root" });
  await target.auth.authEnable({});
  return signIn(target, "root");
}
