import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { useDeletion } from "../deletion/index.ts";
import { toDisplay } from "../store/bytes.ts";
import { useCell } from "../ui/index.ts";
import { useWatches } from "../watch/index.ts";
import { draftId, drafts, newDraft, setDraft } from "./drafts.ts";
import type { KeyDialog } from "./KeyDetail.tsx";
import type { KeyRecord } from "./record.ts";

export interface KeyActions {
  /** Undefined where it cannot be done: in the past, or of a key that is not there. */
  readonly edit: (() => void) | undefined;
  readonly remove: (() => void) | undefined;
  readonly rename: (() => void) | undefined;
  readonly clone: (() => void) | undefined;
  readonly restore: (() => void) | undefined;
  readonly watch: () => void;
  readonly showHistory: () => void;
}

interface Options {
  readonly keyBytes: Uint8Array;
  readonly record: KeyRecord | undefined;
  /** Whether an earlier revision is shown. */
  readonly isPast: boolean;
  readonly onDialog: (dialog: KeyDialog) => void;
}

const NO_END = new Uint8Array();

/** What can be done with the key that is open, for its buttons, the palette and the keyboard. */
export function useKeyActions({ keyBytes, record, isPast, onDialog }: Options): KeyActions {
  const { id: connectionId } = useConnection();
  const { deleteSeenKeys } = useDeletion();
  const watches = useWatches();
  const id = draftId(connectionId, keyBytes);
  const isEditing = useCell(drafts).has(id);
  const isThere = record !== undefined;
  const canWrite = isThere && !isPast;
  const edit = (): void => {
    if (!isEditing) setDraft(id, newDraft(record));
    go({ tab: "value" }, { replace: true });
  };
  const remove = (): void => {
    if (record !== undefined) void deleteSeenKeys([record]);
  };
  const watch = (): void => {
    watches.add({ key: keyBytes, rangeEnd: NO_END, prevKv: true, label: toDisplay(keyBytes) });
    go({ dock: "watch" }, { replace: true });
  };
  const showHistory = (): void => go({ tab: "history" }, { replace: true });
  const rename = (): void => onDialog("rename");
  const clone = (): void => onDialog("clone");
  const restore = (): void => onDialog("restore");
  useAction(
    { id: "key.edit", title: "Edit the value", group: "Key", shortcut: "e", run: edit },
    canWrite && !isEditing,
  );
  useAction({ id: "key.delete", title: "Delete the key", group: "Key", shortcut: "Delete", run: remove }, canWrite);
  useAction({ id: "key.history", title: "History of the key", group: "Key", shortcut: "h", run: showHistory });
  useAction({ id: "key.watch", title: "Watch the key", group: "Key", shortcut: "w", run: watch });
  useAction({ id: "key.rename", title: "Rename the key", group: "Key", run: rename }, canWrite);
  useAction({ id: "key.clone", title: "Clone the key", group: "Key", run: clone }, canWrite);
  useAction({ id: "key.restore", title: "Restore this version", group: "Key", run: restore }, isThere && isPast);
  return {
    edit: canWrite && !isEditing ? edit : undefined,
    remove: canWrite ? remove : undefined,
    rename: canWrite ? rename : undefined,
    clone: canWrite ? clone : undefined,
    restore: isThere && isPast ? restore : undefined,
    watch,
    showHistory,
  };
}
