/**
 * Who has a password. No call of Auth tells; but to a sign-in without one etcd answers differently for a user who
 * is known by a client certificate only, and lets in one whose password is empty.
 */
import { ConnectError } from "@connectrpc/connect";
import type { Connection } from "../store/connection.ts";
import { Cell } from "../ui/cell.ts";
import type { AuthClient } from "./auth.ts";

export type PasswordKind = "password" | "certificate" | "empty";

const byConnection = new WeakMap<Connection, Cell<ReadonlyMap<string, PasswordKind>>>();

/** What is known of the users of a store, by name. */
export function passwordsOf(connection: Connection): Cell<ReadonlyMap<string, PasswordKind>> {
  const known = byConnection.get(connection) ?? new Cell<ReadonlyMap<string, PasswordKind>>(new Map());
  byConnection.set(connection, known);
  return known;
}

export function notePassword(connection: Connection, user: string, kind: PasswordKind | undefined): void {
  passwordsOf(connection).update((held) => {
    const next = new Map(held);
    if (kind === undefined) next.delete(user);
    else next.set(user, kind);
    return next;
  });
}

/** Only where authentication is on. @throws ConnectError where it is not */
export async function askPassword(auth: AuthClient, name: string): Promise<PasswordKind> {
  try {
    await auth.authenticate({ name, password: "" });
    return "empty";
  } catch (error) {
    const { rawMessage } = ConnectError.from(error);
    if (/no password user/.test(rawMessage)) return "certificate";
    if (/invalid user ID or password/.test(rawMessage)) return "password";
    throw error;
  }
}
