import { Copy, Download, Trash2, X } from "lucide-react";
import { IconButton } from "../ui/index.ts";
import type { RowCommands } from "./useRowCommands.tsx";
import type { SelectedKeys } from "./useSelection.ts";

interface SelectionBarProps {
  readonly selected: SelectedKeys;
  readonly commands: RowCommands;
  readonly isPast: boolean;
}

/** How many keys are selected, and what can be done with them. */
export function SelectionBar({ selected, commands, isPast }: SelectionBarProps) {
  const keys = [...selected.selection.values()];
  if (keys.length === 0) return null;
  return (
    <div className="keys-selection" role="toolbar" aria-label="Selected keys">
      <span className="grow" role="status">
        {keys.length.toLocaleString("en")} selected
      </span>
      <IconButton label="Copy the selected keys" onClick={() => commands.copyKeys(keys)}>
        <Copy />
      </IconButton>
      <IconButton label="Export the selected keys" onClick={() => commands.exportKeys(keys)}>
        <Download />
      </IconButton>
      <IconButton label="Delete the selected keys" disabled={isPast} onClick={() => commands.deleteKeys(keys)}>
        <Trash2 />
      </IconButton>
      <IconButton label="Clear the selection" onClick={selected.clear}>
        <X />
      </IconButton>
    </div>
  );
}
