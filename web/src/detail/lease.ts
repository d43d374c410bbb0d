import type { Clients } from "../store/clients.ts";
import type { LeaseChoice } from "./drafts.ts";
import { type KeyRecord, leaseText } from "./record.ts";

/** The lease that a write is made with; a new one is granted here. */
export async function leaseFor(clients: Clients, choice: LeaseChoice, base: KeyRecord | undefined): Promise<bigint> {
  if (choice.kind === "keep") return base?.lease ?? 0n;
  if (choice.kind === "none") return 0n;
  if (choice.kind === "lease") return choice.id;
  const { ID } = await clients.lease.leaseGrant({ TTL: BigInt(choice.ttlS) });
  return ID;
}

/** What a choice changes about the lease; undefined for nothing. */
export function leaseChange(choice: LeaseChoice, base: KeyRecord | undefined): string | undefined {
  const held = base?.lease ?? 0n;
  const from = held === 0n ? "no lease" : `lease ${leaseText(held)}`;
  if (choice.kind === "new") return `${from} → a new lease of ${choice.ttlS} s`;
  const next = choice.kind === "none" ? 0n : choice.kind === "lease" ? choice.id : held;
  if (next === held) return undefined;
  return `${from} → ${next === 0n ? "no lease" : `lease ${leaseText(next)}`}`;
}
