import { type KeyboardEvent, useRef } from "react";
import { actions } from "../../app/actions.ts";
import type { Row } from "../model/foldernode.ts";
import type { RowList } from "../model/rowlist.ts";
import { destinationOf, parentOf, typedAhead } from "./keyboard.ts";
import type { GridFocus } from "./useGridFocus.ts";

export interface GridCommands {
  readonly open: (row: Row) => void;
  readonly expand: (row: Row) => void;
  readonly collapse: (row: Row) => void;
  readonly toggleSelected: (row: Row) => void;
  /** Selects all keys between two rows, both included. */
  readonly selectBetween: (from: number, to: number) => void;
  readonly selectAll: () => void;
  readonly clearSelection: () => void;
  readonly remove: (row: Row) => void;
  readonly watch: (row: Row) => void;
  readonly openMenu: (at: number) => void;
}

interface GridKeysOptions {
  readonly rows: RowList;
  readonly focus: GridFocus;
  readonly pageRows: number;
  readonly commands: GridCommands;
}

/** What was typed is one word as long as keys follow each other so fast. */
const TYPING_MS = 800;

/** The grid's keyboard, as WAI-ARIA's treegrid has it. */
export function useGridKeys({ rows, focus, pageRows, commands }: GridKeysOptions): (event: KeyboardEvent) => void {
  const typed = useRef({ text: "", atMs: 0 });
  const anchor = useRef<number | undefined>(undefined);

  const move = (event: KeyboardEvent, to: number): void => {
    if (event.shiftKey) {
      anchor.current ??= focus.at;
      commands.selectBetween(anchor.current, to);
    } else {
      anchor.current = undefined;
    }
    focus.moveTo(to);
  };

  const typeAhead = (event: KeyboardEvent): boolean => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
    const goesOn = event.timeStamp - typed.current.atMs < TYPING_MS;
    // The first character may be a shortcut's; those after it are what is being typed.
    if (!goesOn && actions.value.some(({ shortcut }) => shortcut === event.key.toLowerCase())) return false;
    typed.current = { text: goesOn ? typed.current.text + event.key : event.key, atMs: event.timeStamp };
    const found = typedAhead(typed.current.text, focus.at, rows);
    if (found !== -1) focus.moveTo(found);
    return true;
  };

  return (event) => {
    const row = rows.row(focus.at);
    if (event.defaultPrevented || row === undefined) return;
    if (event.target instanceof Element && event.target.getAttribute("role") !== "row") return;
    const to =
      event.altKey || event.ctrlKey || event.metaKey
        ? undefined
        : destinationOf(event.key, { at: focus.at, rows, pageRows });
    if (to !== undefined) move(event, to);
    else if (!command(event, row, rows, focus, commands) && !typeAhead(event)) return;
    event.preventDefault();
  };
}

/** Runs what a key means for a row; false for a key that means nothing. */
function command(event: KeyboardEvent, row: Row, rows: RowList, focus: GridFocus, commands: GridCommands): boolean {
  const isChord = event.ctrlKey || event.metaKey;
  switch (isChord ? `mod+${event.key}` : event.shiftKey ? `shift+${event.key}` : event.key) {
    case "ArrowRight":
      if (row.kind !== "entry" || row.entry.info !== undefined) return true;
      if (row.entry.node === undefined) commands.expand(row);
      else focus.moveTo(focus.at + 1);
      return true;
    case "ArrowLeft":
      if (row.kind === "entry" && row.entry.node !== undefined) commands.collapse(row);
      else if (parentOf(row, rows) !== -1) focus.moveTo(parentOf(row, rows));
      return true;
    case "Enter":
      commands.open(row);
      return true;
    case " ":
      commands.toggleSelected(row);
      return true;
    case "mod+a":
      commands.selectAll();
      return true;
    case "Escape":
      commands.clearSelection();
      return true;
    case "Delete":
      commands.remove(row);
      return true;
    case "w":
      commands.watch(row);
      return true;
    case "ContextMenu":
    case "shift+F10":
      commands.openMenu(focus.at);
      return true;
    default:
      return false;
  }
}
