/** What is kept of users and roles: the rows of etcd's own buckets, in its bytes. */
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Role, RoleSchema, type User, UserSchema } from "../gen/authpb/auth_pb.ts";
import { bytesFromName, nameFromBytes } from "./names.ts";

/** A row put in place, or, without a value, deleted. */
export interface AuthRow {
  readonly bucket: "auth" | "authUsers" | "authRoles";
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

const ENABLED = "authEnabled";
const REVISION = "authRevision";

export function enabledRow(enabled: boolean): AuthRow {
  return { bucket: "auth", key: bytesFromName(ENABLED), value: Uint8Array.of(enabled ? 1 : 0) };
}

export function revisionRow(revision: number): AuthRow {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt(revision));
  return { bucket: "auth", key: bytesFromName(REVISION), value };
}

export function userRow(user: User): AuthRow {
  return { bucket: "authUsers", key: user.name, value: toBinary(UserSchema, user) };
}

export function roleRow(role: Role): AuthRow {
  return { bucket: "authRoles", key: role.name, value: toBinary(RoleSchema, role) };
}

export function deletedUserRow(name: string): AuthRow {
  return { bucket: "authUsers", key: bytesFromName(name), value: undefined };
}

export function deletedRoleRow(name: string): AuthRow {
  return { bucket: "authRoles", key: bytesFromName(name), value: undefined };
}

/** A row as it is found again; of other buckets than these nothing is read. */
export interface StoredRow {
  readonly bucket: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What rows say, as far as they say it. */
export interface StoredAuth {
  readonly enabled: boolean | undefined;
  readonly revision: number;
  readonly users: readonly User[];
  readonly roles: readonly Role[];
}

/** @throws Error for a user or role that cannot be read */
export function readRows(rows: Iterable<StoredRow>): StoredAuth {
  let enabled: boolean | undefined;
  let revision = 0;
  const users: User[] = [];
  const roles: Role[] = [];
  for (const { bucket, key, value } of rows) {
    if (bucket === "authUsers") users.push(read(UserSchema, key, value));
    else if (bucket === "authRoles") roles.push(read(RoleSchema, key, value));
    else if (bucket === "auth" && isNamed(key, ENABLED)) enabled = value.length === 1 && value[0] === 1;
    else if (bucket === "auth" && isNamed(key, REVISION)) revision = readRevision(value);
  }
  return { enabled, revision, users, roles };
}

function read<S extends DescMessage>(schema: S, key: Uint8Array, value: Uint8Array): MessageShape<S> {
  try {
    return fromBinary(schema, value);
  } catch (error) {
    throw new Error(`the row of ${schema.typeName} ${JSON.stringify(nameFromBytes(key))} cannot be read: ${error}`);
  }
}

function isNamed(key: Uint8Array, name: string): boolean {
  return key.length === name.length && key.every((byte, at) => byte === name.charCodeAt(at));
}

function readRevision(value: Uint8Array): number {
  if (value.length !== 8) return 0;
  return Number(new DataView(value.buffer, value.byteOffset, value.length).getBigUint64(0));
}
