/**
 * A list that grows at its foot and is cut at its head. At the foot it follows what is new; anywhere else what is
 * in view stays in view, whatever comes and goes.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Rows by place and by number: the numbers rise, with no gap but what is cut from the head or filtered out. */
export interface RowSource<Row extends { readonly sequence: number } = { readonly sequence: number }> {
  readonly length: number;
  at(index: number): Row | undefined;
  /** The index of a row, or of the first after it. */
  indexOf(sequence: number): number;
}

export const ROW_PX = 26;
export const HEADER_PX = 26;
/** Rows drawn above and below what is in view. */
const OVERSCAN = 6;

/** What keeps its place in view: a row, and how far above the view its upper edge is. */
interface Anchor {
  readonly sequence: number;
  readonly offsetPx: number;
  /** The last row there was when the foot was left. */
  readonly lastSeen: number;
}

export interface FollowingScroll {
  readonly start: number;
  readonly end: number;
  /** Rows that came since the foot was left. */
  readonly newBelow: number;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
  readonly reveal: (index: number) => void;
}

export function useFollowingScroll(scroller: RefObject<HTMLDivElement | null>, rows: RowSource): FollowingScroll {
  const heightPx = useHeight(scroller);
  const anchor = useRef<Anchor | undefined>(undefined);
  const [, redraw] = useState(0);
  const count = rows.length;
  const endTopPx = Math.max(0, count * ROW_PX + HEADER_PX - heightPx);
  const held = anchor.current;
  const topPx = held === undefined ? endTopPx : rows.indexOf(held.sequence) * ROW_PX + held.offsetPx;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && Math.abs(element.scrollTop - topPx) >= 1) element.scrollTop = topPx;
  });
  const moveTo = useCallback(
    (px: number) => {
      const last = rows.at(rows.length - 1)?.sequence ?? -1;
      const first = Math.floor(px / ROW_PX);
      const isAtEnd = px >= rows.length * ROW_PX + HEADER_PX - heightPx - ROW_PX / 2;
      anchor.current = isAtEnd
        ? undefined
        : {
            sequence: rows.at(first)?.sequence ?? 0,
            offsetPx: px - first * ROW_PX,
            lastSeen: anchor.current?.lastSeen ?? last,
          };
      redraw((times) => times + 1);
    },
    [rows, heightPx],
  );
  const start = Math.max(0, Math.floor(topPx / ROW_PX) - OVERSCAN);
  return {
    start,
    end: Math.min(count, Math.ceil((topPx + heightPx) / ROW_PX) + OVERSCAN),
    newBelow: held === undefined ? 0 : count - rows.indexOf(held.lastSeen + 1),
    onScroll: () => {
      const px = scroller.current?.scrollTop ?? 0;
      // Not the reader's doing: the list itself was moved to where it is to be.
      if (Math.abs(px - topPx) >= 1) moveTo(px);
    },
    toEnd: () => {
      anchor.current = undefined;
      redraw((times) => times + 1);
    },
    reveal: (index) => {
      const rowPx = index * ROW_PX;
      const viewPx = heightPx - HEADER_PX;
      if (rowPx < topPx) moveTo(rowPx);
      else if (rowPx + ROW_PX > topPx + viewPx) moveTo(rowPx + ROW_PX - viewPx);
      else moveTo(topPx);
    },
  };
}

function useHeight(element: RefObject<HTMLElement | null>): number {
  const [heightPx, setHeightPx] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setHeightPx(entry?.contentRect.height ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return heightPx;
}
