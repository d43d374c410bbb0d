/**
 * One list of what can be done now: the command palette shows it, shortcuts run it, help explains it. A component
 * adds its actions for as long as it is there.
 */
import { useLayoutEffect, useRef } from "react";
import { Cell } from "../ui/cell.ts";

export interface Action {
  /** `keys.delete` */
  readonly id: string;
  readonly title: string;
  readonly group: "Keys" | "Key" | "Watch" | "Leases" | "Users" | "Time" | "Go to" | "Store" | "View";
  /**
   * `mod+k`, `/`, `shift+?`, `Delete`, `[`; `mod` is ⌘ on a Mac and Ctrl elsewhere. Without `mod` it is left alone
   * while the user types into a field.
   */
  readonly shortcut?: string;
  /** Not in the palette: something that only makes sense by its key. */
  readonly hidden?: boolean;
  readonly run: () => void;
}

export const actions = new Cell<readonly Action[]>([]);

/** Offers an action while the component is there and `enabled`; the latest one of an ID or shortcut wins. */
export function useAction(action: Action, enabled = true): void {
  const latest = useRef(action);
  latest.current = action;
  const { id, title, group, shortcut, hidden } = action;
  // With the paint, not after it: whoever sees what can be done may do it at once.
  useLayoutEffect(() => {
    if (!enabled) return;
    const offered: Action = { id, title, group, shortcut, hidden, run: () => latest.current.run() };
    actions.update((held) => [...held, offered]);
    return () => actions.update((held) => held.filter((one) => one !== offered));
  }, [id, title, group, shortcut, hidden, enabled]);
}

const IS_MAC = /mac|iphone|ipad/i.test(navigator.userAgent);

/** Runs the action whose shortcut was pressed. */
export function handleShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const pressed = describe(event);
  if (!pressed.startsWith("mod+") && (isTyping(event.target) || isInDialog(event.target))) return;
  const action = actions.value.findLast((candidate) => candidate.shortcut === pressed);
  if (action === undefined) return;
  event.preventDefault();
  action.run();
}

function describe(event: KeyboardEvent): string {
  const mod = IS_MAC ? event.metaKey : event.ctrlKey;
  // Shift makes another character of a printing key, but not of `Enter` or of a letter with ⌘.
  const shift = event.shiftKey && (mod || event.key.length > 1);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${mod ? "mod+" : ""}${event.altKey ? "alt+" : ""}${shift ? "shift+" : ""}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !/^(checkbox|radio|button|range)$/.test(target.type);
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[role=dialog],[role=alertdialog],[role=menu]") !== null;
}

/** The shortcut's keys as they are drawn: `⌘`, `K`. */
export function shortcutKeys(shortcut: string): string[] {
  const names: Record<string, string> = {
    mod: IS_MAC ? "⌘" : "Ctrl",
    alt: IS_MAC ? "⌥" : "Alt",
    shift: "Shift",
    Delete: "Del",
    ArrowUp: "↑",
    ArrowDown: "↓",
  };
  return shortcut.split("+").map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
