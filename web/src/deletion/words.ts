/** What the toasts say of deletes and of their undoing. */
import { ConnectError } from "@connectrpc/connect";
import { toDisplay } from "../store/bytes.ts";
import type { PutBackOutcome } from "./steps.ts";

export function keysText(count: number): string {
  return count === 1 ? "1 key" : `${count.toLocaleString("en")} keys`;
}

export function deletedTitle(keys: readonly Uint8Array[]): string {
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? `Deleted ${toDisplay(only)}` : `Deleted ${keysText(keys.length)}`;
}

export const UNDO_NOTE = "Undo puts the values back; versions and create revisions begin anew.";

export function putBackText({ restored, skipped, withoutLease }: PutBackOutcome): { title: string; detail: string } {
  const details = ["Version and create revision begin anew."];
  if (withoutLease > 0) details.push(`${keysText(withoutLease)} without a lease: it has ended.`);
  if (skipped > 0)
    details.push(`${keysText(skipped)} left alone: somebody put ${skipped === 1 ? "it" : "them"} again.`);
  return { title: `${keysText(restored)} put back`, detail: details.join(" ") };
}

export function errorText(error: unknown): string {
  const { rawMessage } = ConnectError.from(error);
  if (rawMessage.includes("has been compacted")) return "The history before the delete has been compacted.";
  return rawMessage;
}
