import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import type { Clients } from "./clients.ts";

const ALL = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
/** As many revisions are looked at, evenly apart, and the last ones all. */
const REVISIONS = 20;

/** What clients can see of the keys: at many revisions, from the compacted one on. */
export async function keysOf({ kv, maintenance }: Clients) {
  const { header, compactRevision } = await maintenance.hashKV({});
  const current = Number(header?.revision);
  const revisions = revisionsBetween(Math.max(1, Number(compactRevision)), current);
  const states: Record<number, readonly string[]> = {};
  for (const revision of revisions) {
    const { kvs, count } = await kv.range({ ...ALL, revision: BigInt(revision) });
    states[revision] = [`${count} keys`, ...kvs.map(lineOf)];
  }
  return { current, compactRevision: Number(compactRevision), states };
}

/**
 * HashKV at many revisions. The compacted one is left out: what a compaction has hashed is told of it until the
 * next start, and of it no more is left afterwards.
 */
export async function hashesOf({ maintenance }: Clients): Promise<Record<number, string>> {
  const { header, compactRevision } = await maintenance.hashKV({});
  const hashes: Record<number, string> = {};
  for (const revision of revisionsBetween(Number(compactRevision) + 1, Number(header?.revision))) {
    const { hash, compactRevision, hashRevision } = await maintenance.hashKV({ revision: BigInt(revision) });
    hashes[revision] = `${hash} of (${compactRevision}, ${hashRevision}]`;
  }
  return hashes;
}

/** Leases with their keys; of the time that is left only whether it is begun anew. */
export async function leasesOf({ lease }: Clients): Promise<string[]> {
  const { leases } = await lease.leaseLeases({});
  const lines: string[] = [];
  for (const { ID } of leases) {
    const { grantedTTL, TTL, keys } = await lease.leaseTimeToLive({ ID, keys: true });
    const names = keys.map((key) => Buffer.from(key).toString("latin1")).sort();
    lines.push(`${ID} ${grantedTTL} ${TTL > grantedTTL - 120n} ${names}`);
  }
  return lines.sort();
}

/** Users with their roles, roles with their permissions. */
export async function usersOf({ auth }: Clients) {
  const { users } = await auth.userList({});
  const { roles } = await auth.roleList({});
  const { enabled, authRevision } = await auth.authStatus({});
  return {
    enabled,
    authRevision,
    users: await Promise.all(users.map(async (name) => `${name}: ${(await auth.userGet({ name })).roles}`)),
    roles: await Promise.all(
      roles.map(async (role) => {
        const { perm } = await auth.roleGet({ role });
        return `${role}: ${perm.map(({ permType, key, rangeEnd }) => `${permType} ${text(key)} ${text(rangeEnd)}`)}`;
      }),
    ),
  };
}

export async function alarmsOf({ maintenance }: Clients): Promise<string[]> {
  const { alarms } = await maintenance.alarm({});
  return alarms.map(({ memberID, alarm }) => `${memberID} ${alarm}`);
}

function revisionsBetween(first: number, last: number): number[] {
  const step = Math.max(1, Math.floor((last - first) / REVISIONS));
  const revisions = new Set<number>([first, last]);
  for (let revision = first; revision < last; revision += step) revisions.add(revision);
  for (let revision = Math.max(first, last - 5); revision < last; revision++) revisions.add(revision);
  return [...revisions].sort((a, b) => a - b);
}

function lineOf({ key, value, createRevision, modRevision, version, lease }: KeyValue): string {
  const numbers = [createRevision, modRevision, version, lease].join("/");
  const shown = value.length > 40 ? `${value.length} bytes of ${value[0]}` : text(value);
  return `${text(key)}=${shown} ${numbers}`;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
