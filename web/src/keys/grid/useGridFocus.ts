import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { RowList } from "../model/rowlist.ts";
import type { VirtualScroll } from "./useVirtualScroll.ts";

export interface GridFocus {
  /** The row that has the focus, or gets it when the grid is entered. */
  readonly at: number;
  /** Moves the focus to a row and shows it. */
  readonly moveTo: (at: number) => void;
  /** A row got the focus by itself: by a click. */
  readonly noticed: (at: number) => void;
}

/** One row of the grid is in the tab order; it is remembered by its path, as its number changes with the store. */
export function useGridFocus(rows: RowList, scroll: VirtualScroll): GridFocus {
  const [held, setHeld] = useState<{ readonly at: number; readonly path: Uint8Array | undefined }>();
  const isWanted = useRef(false);
  const located = held?.path === undefined ? -1 : rows.locate(held.path);
  const at = Math.max(0, Math.min(rows.count - 1, located === -1 ? (held?.at ?? 0) : located));

  const set = (next: number): void => {
    const row = rows.row(next);
    setHeld({ at: next, path: row?.kind === "entry" ? row.entry.path : undefined });
  };
  const focus = useCallback(() => {
    const row = scroll.scroller.current?.querySelector<HTMLElement>(`[data-at="${at}"]`);
    row?.focus({ preventScroll: true });
    return row !== null && row !== undefined;
  }, [scroll.scroller, at]);

  useLayoutEffect(() => {
    const grid = scroll.scroller.current;
    // A row that went away, or was drawn anew, takes the focus with it: it goes to the one in its place.
    const isLost = isWanted.current && !grid?.contains(document.activeElement);
    if (isWanted.current && (isLost || document.activeElement?.getAttribute("data-at") !== String(at))) focus();
  });
  useLayoutEffect(() => {
    const grid = scroll.scroller.current;
    const entered = (): void => {
      isWanted.current = true;
    };
    const left = (event: FocusEvent): void => {
      // Without a target the row was taken away, or the window lost the focus.
      if (event.relatedTarget !== null) isWanted.current = false;
    };
    const pressed = (event: Event): void => {
      if (!grid?.contains(event.target as Node)) isWanted.current = false;
    };
    grid?.addEventListener("focusin", entered);
    grid?.addEventListener("focusout", left);
    document.addEventListener("pointerdown", pressed, true);
    return () => {
      grid?.removeEventListener("focusin", entered);
      grid?.removeEventListener("focusout", left);
      document.removeEventListener("pointerdown", pressed, true);
    };
  }, [scroll.scroller]);

  const moveTo = (next: number): void => {
    const to = Math.max(0, Math.min(rows.count - 1, next));
    isWanted.current = true;
    set(to);
    scroll.show(to);
  };
  return { at, moveTo, noticed: set };
}
