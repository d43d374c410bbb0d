import { useMemo } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import type { Clients } from "../store/clients.ts";
import { Cell } from "../ui/index.ts";
import { deleteSeen, type PutBackOutcome, putBack, putBackRange, seeKeys } from "./steps.ts";
import type { SeenKey } from "./txns.ts";
import { deletedTitle, errorText, keysText, putBackText, UNDO_NOTE } from "./words.ts";

/** The prefix whose deletion is being asked about; DeletionDialogs shows it. */
export const askedPrefix = new Cell<Uint8Array | undefined>(undefined);

export interface Deleting {
  /** Deletes keys as they are now, with an Undo. */
  deleteKeys(keys: readonly Uint8Array[]): Promise<void>;
  /** The same for keys as the user saw them: one that was changed since is left alone, and said. */
  deleteSeenKeys(keys: readonly SeenKey[]): Promise<void>;
  /** Opens the dialog that counts a prefix's keys and deletes them. */
  askDeletePrefix(prefix: Uint8Array): void;
}

export function useDeletion(): Deleting {
  const { clients } = useConnection();
  return useMemo<Deleting>(
    () => ({
      deleteKeys: (keys) => guarded(async () => deleteWithUndo(clients, await seeKeys(clients, keys))),
      deleteSeenKeys: (keys) => guarded(() => deleteWithUndo(clients, keys)),
      askDeletePrefix: (prefix) => askedPrefix.set(prefix),
    }),
    [clients],
  );
}

async function guarded(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    toast({ tone: "danger", title: "Not deleted", detail: errorText(error) });
  }
}

/** A deletion is worth more time than other news: Undo goes away with its toast. */
const UNDO_MS = 20_000;

async function deleteWithUndo(clients: Clients, keys: readonly SeenKey[]): Promise<void> {
  const { deletions, kept } = await deleteSeen(clients, keys);
  const gone = deletions.flatMap((one) => one.keys);
  if (kept.length > 0) {
    toast({
      tone: "danger",
      title: `${keysText(kept.length)} not deleted`,
      detail: "Changed since you saw it. Look at it again, then delete it.",
    });
  }
  if (gone.length === 0) {
    if (kept.length === 0) toast({ title: "Nothing to delete: the keys are gone already" });
    return;
  }
  toast({
    title: deletedTitle(gone),
    detail: UNDO_NOTE,
    forMs: UNDO_MS,
    action: { label: "Undo", run: () => void undo(() => putBack(clients, deletions)) },
  });
}

/** Deletes a range whole, with an Undo that reads it back out of history. */
export async function deleteRangeWithUndo(
  clients: Clients,
  range: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array },
): Promise<void> {
  await guarded(async () => {
    const { deleted, header } = await clients.kv.deleteRange(range);
    if (deleted === 0n) return void toast({ title: "Nothing to delete: there are no such keys" });
    const revision = Number(header?.revision ?? 0n);
    toast({
      title: `Deleted ${keysText(Number(deleted))}`,
      detail: UNDO_NOTE,
      forMs: UNDO_MS,
      action: { label: "Undo", run: () => void undo(() => putBackRange(clients, range, revision)) },
    });
  });
}

async function undo(run: () => Promise<PutBackOutcome>): Promise<void> {
  const dismiss = toast({ title: "Putting back…", forMs: 600_000 });
  try {
    toast({ tone: "success", ...putBackText(await run()) });
  } catch (error) {
    toast({ tone: "danger", title: "Not all was put back", detail: errorText(error) });
  } finally {
    dismiss();
  }
}
