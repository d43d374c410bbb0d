import { Code, ConnectError } from "@connectrpc/connect";
import { Button, Spinner } from "../../ui/index.ts";
import type { FolderNode } from "../model/foldernode.ts";
import type { Slot } from "../model/slot.ts";

/** Where a folder's listing ends for now. */
export function MoreRow({ folder, onRetry }: { readonly folder: FolderNode; readonly onRetry: () => void }) {
  if (folder.moreState === "failed") return <Failed error={folder.moreError} onRetry={onRetry} />;
  const loaded = folder.childCount.toLocaleString("en");
  const total = folder.total?.count.toLocaleString("en");
  return (
    <span className="keys-loading">
      <Spinner />
      {folder.slots.length === 0 ? "Loading…" : `Loaded ${loaded} of ${total ?? "…"}`}
    </span>
  );
}

/** A row whose page is on its way. */
export function LoadingRow({ slot, onRetry }: { readonly slot: Slot; readonly onRetry: () => void }) {
  if (slot.state === "failed") return <Failed error={slot.error} onRetry={onRetry} />;
  return <span className="keys-pending">Loading…</span>;
}

function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const { rawMessage, code } = ConnectError.from(error);
  return (
    <span className="keys-failed">
      {rawMessage === "" ? Code[code] : rawMessage}
      <Button small onClick={onRetry} tabIndex={-1}>
        Try again
      </Button>
    </span>
  );
}
