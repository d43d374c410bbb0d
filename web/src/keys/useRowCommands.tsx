import { Copy, Download, Eye, FileInput, FolderSearch, History, Plus, Trash2 } from "lucide-react";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { useDeletion } from "../deletion/index.ts";
import { prefixRange, toDisplay } from "../store/bytes.ts";
import { exportKeys } from "../transfer/index.ts";
import { openRestore } from "../travel/index.ts";
import type { MenuItem } from "../ui/index.ts";
import { useWatches } from "../watch/index.ts";
import type { GridCommands } from "./grid/useGridKeys.ts";
import type { Row } from "./model/foldernode.ts";
import type { KeyTree } from "./model/keytree.ts";
import type { SelectedKeys } from "./useSelection.ts";

interface Options {
  readonly tree: KeyTree;
  readonly selected: SelectedKeys;
  /** Undefined for now. */
  readonly revision: number | undefined;
  readonly onNewKey: (prefix: Uint8Array) => void;
}

export interface RowCommands {
  readonly grid: Omit<GridCommands, "openMenu">;
  readonly menuOf: (row: Row) => MenuItem[];
  readonly copyKeys: (keys: readonly Uint8Array[]) => void;
  readonly exportKeys: (keys: readonly Uint8Array[]) => void;
  readonly deleteKeys: (keys: readonly Uint8Array[]) => void;
}

const NO_END = new Uint8Array();

/** What can be done with a row, or with the keys that are selected. */
export function useRowCommands({ tree, selected, revision, onNewKey }: Options): RowCommands {
  const connection = useConnection();
  const { deleteKeys, askDeletePrefix } = useDeletion();
  const watches = useWatches();
  const isPast = revision !== undefined;

  const watch = (row: Row): void => {
    if (row.kind !== "entry") return;
    const { info, chain } = row.entry;
    watches.add(info === undefined ? prefixRange(chain) : { key: info.key, rangeEnd: NO_END });
    go({ dock: "watch" }, { replace: true });
  };
  const toggleFolder = (row: Row & { kind: "entry" }): void => {
    if (row.entry.node === undefined) void tree.expand(row.entry, row.level);
    else tree.collapse(row.entry);
  };
  const remove = (row: Row): void => {
    if (isPast) return;
    if (selected.selection.size > 0) removeKeys([...selected.selection.values()]);
    else if (row.kind !== "entry") return;
    else if (row.entry.info === undefined) askDeletePrefix(row.entry.chain);
    else void deleteKeys([row.entry.path]);
  };
  const removeKeys = (keys: readonly Uint8Array[]): void => {
    void deleteKeys(keys);
    selected.clear();
  };
  return {
    grid: {
      open: (row) => {
        if (row.kind !== "entry") return;
        if (row.entry.info === undefined) toggleFolder(row);
        else go({ key: row.entry.path });
      },
      expand: (row) => row.kind === "entry" && void tree.expand(row.entry, row.level),
      collapse: (row) => row.kind === "entry" && tree.collapse(row.entry),
      toggleSelected: (row) => {
        if (row.kind !== "entry") return;
        if (row.entry.info === undefined) toggleFolder(row);
        else selected.toggle(row.entry.path);
      },
      selectBetween: selected.between,
      selectAll: selected.all,
      clearSelection: selected.clear,
      remove,
      watch,
    },
    menuOf: (row) => {
      if (row.kind !== "entry") return [];
      const does: MenuDoes = {
        watch: () => watch(row),
        newKey: () => onNewKey(row.entry.info === undefined ? row.entry.chain : row.folder.prefix),
        list: () => go({ query: row.entry.chain }),
        exportKey: () => void exported(() => exportKeys(connection, [row.entry.path], { revision })),
        restore: () => openRestore(row.entry.chain, revision),
        remove: () =>
          row.entry.info === undefined ? askDeletePrefix(row.entry.chain) : void deleteKeys([row.entry.path]),
      };
      return row.entry.info === undefined ? folderMenu(row, isPast, does) : keyMenu(row, revision, does);
    },
    copyKeys,
    exportKeys: (keys) => void exported(() => exportKeys(connection, keys, { revision })),
    deleteKeys: removeKeys,
  };
}

interface MenuDoes {
  readonly watch: () => void;
  readonly newKey: () => void;
  readonly list: () => void;
  readonly exportKey: () => void;
  /** To the revision that is shown, or to one that is asked for. */
  readonly restore: () => void;
  readonly remove: () => void;
}

function keyMenu({ entry }: Row & { kind: "entry" }, revision: number | undefined, does: MenuDoes): MenuItem[] {
  const isPast = revision !== undefined;
  return [
    { label: "Open", icon: <FileInput />, onSelect: () => go({ key: entry.path }) },
    { label: "Copy key", icon: <Copy />, onSelect: () => copyKeys([entry.path]) },
    { label: "Watch", icon: <Eye />, onSelect: does.watch },
    { label: "History", icon: <History />, onSelect: () => go({ key: entry.path, tab: "history" }) },
    { label: "Export", icon: <Download />, onSelect: does.exportKey },
    { label: "New key here…", icon: <Plus />, disabled: isPast, onSelect: does.newKey },
    "separator",
    { label: "Delete", icon: <Trash2 />, danger: true, disabled: isPast, onSelect: does.remove },
  ];
}

function folderMenu({ entry }: Row & { kind: "entry" }, isPast: boolean, does: MenuDoes): MenuItem[] {
  return [
    { label: "List only this prefix", icon: <FolderSearch />, onSelect: does.list },
    { label: "Copy prefix", icon: <Copy />, onSelect: () => copyKeys([entry.chain]) },
    { label: "Watch this prefix", icon: <Eye />, onSelect: does.watch },
    { label: "New key here…", icon: <Plus />, disabled: isPast, onSelect: does.newKey },
    { label: "Restore to revision…", icon: <History />, onSelect: does.restore },
    "separator",
    { label: "Delete prefix…", icon: <Trash2 />, danger: true, disabled: isPast, onSelect: does.remove },
  ];
}

/** One a line, in the form that the page reads again. */
function copyKeys(keys: readonly Uint8Array[]): void {
  void navigator.clipboard.writeText(keys.map(toDisplay).join("\n")).then(
    () => toast({ title: keys.length === 1 ? "Key copied" : `${keys.length.toLocaleString("en")} keys copied` }),
    () =>
      toast({ tone: "danger", title: "Not copied", detail: "The browser does not let this page use the clipboard." }),
  );
}

async function exported(run: () => Promise<number>): Promise<void> {
  try {
    const count = await run();
    toast({ tone: "success", title: `${count.toLocaleString("en")} ${count === 1 ? "key" : "keys"} exported` });
  } catch (error) {
    toast({ tone: "danger", title: "Not exported", detail: error instanceof Error ? error.message : String(error) });
  }
}
