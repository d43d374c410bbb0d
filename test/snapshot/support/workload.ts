import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import type { Clients } from "./clients.ts";

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);
/** So that there are branches over branches. */
const MANY_KEYS = 20_000;
const KEYS_PER_TXN = 100;

/** Keys with a history, of all sizes, deletes, txns, leases, compactions; the same each time. */
export async function fillStore({ kv, lease }: Clients): Promise<void> {
  for (let from = 0; from < MANY_KEYS; from += KEYS_PER_TXN) {
    const success = Array.from({ length: KEYS_PER_TXN }, (_, at) => putOp(`many/${from + at}`, `${from * at}`));
    await kv.txn({ success });
  }
  await lease.leaseGrant({ ID: 7n, TTL: 1000n });
  await lease.leaseGrant({ ID: 0x390da1fde8405a07n, TTL: 9_000_000n });
  await lease.leaseGrant({ ID: 8n, TTL: 500n });
  for (let round = 0; round < 60; round++) {
    const key = bytes(`key/${round % 13}`);
    const value = new Uint8Array(round % 10 === 3 ? 200_000 : round * 7).fill(round);
    await kv.put({ key, value, lease: round % 4 === 0 ? 7n : 0n });
    if (round % 5 === 2) await kv.deleteRange({ key: bytes(`key/${(round * 3) % 13}`) });
    if (round % 7 === 6) await kv.txn({ success: [putOp("txn/a", `${round}`), deleteOp("key/5"), putOp("txn/b", "")] });
    if (round === 20 || round === 40) await kv.compact({ revision: BigInt(200 + round), physical: true });
  }
  await kv.put({ key: Uint8Array.of(0, 255, 128), value: Uint8Array.of(255, 0), lease: 0x390da1fde8405a07n });
  await kv.deleteRange({ key: bytes("many/1"), rangeEnd: bytes("many/15") });
  await lease.leaseRevoke({ ID: 8n });
}

/** Users and roles, with auth still off. */
export async function fillUsers({ auth }: Clients): Promise<void> {
  await auth.userAdd({ name: "root", password: "secret" });
  await auth.roleAdd({ name: "root" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.roleAdd({ name: "reader" });
  const [key, rangeEnd] = [bytes("key/"), bytes("key0")];
  await auth.roleGrantPermission({ name: "reader", perm: { permType: Permission_Type.READ, key, rangeEnd } });
  await auth.roleGrantPermission({ name: "reader", perm: { permType: Permission_Type.READWRITE, key: bytes("one") } });
  await auth.userAdd({ name: "anna", password: "anna's" });
  await auth.userGrantRole({ user: "anna", role: "reader" });
  await auth.userAdd({ name: "certified", options: { noPassword: true } });
}

function putOp(key: string, value: string) {
  return { request: { case: "requestPut", value: { key: bytes(key), value: bytes(value) } } } as const;
}

function deleteOp(key: string) {
  return { request: { case: "requestDeleteRange", value: { key: bytes(key) } } } as const;
}
