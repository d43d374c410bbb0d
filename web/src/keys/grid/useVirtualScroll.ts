import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { type Extent, scrollAtTop, scrollHeightOf, topAfterScroll, topToShow } from "../model/scale.ts";

/** Rows drawn beyond what is seen, on either side. */
const OVERSCAN_ROWS = 4;
/** When the scrollbar has been still for so long it is put where it belongs. */
const REST_MS = 250;

export interface VirtualScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly scrollHeightPx: number;
  readonly topPx: number;
  readonly viewportPx: number;
  readonly widthPx: number;
  /** Rows to draw: from `first` up to but not with `last`. */
  readonly first: number;
  readonly last: number;
  /** Rows that fit. */
  readonly pageRows: number;
  readonly onScroll: () => void;
  readonly show: (row: number) => void;
}

/** Which rows of a list of any length are seen; rows are all of one height. */
export function useVirtualScroll(count: number, rowPx: number, headerPx: number): VirtualScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ viewportPx: 0, widthPx: 0 });
  const [wantedTopPx, setTopPx] = useState(0);
  const held = useRef({ topPx: 0, scrollPx: 0, rest: 0 });
  const extent: Extent = { contentPx: count * rowPx, viewportPx: size.viewportPx };
  const latest = useRef(extent);
  latest.current = extent;
  // A list that has become shorter shows its end.
  const topPx = Math.min(wantedTopPx, Math.max(0, extent.contentPx - extent.viewportPx));
  held.current.topPx = topPx;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void =>
      setSize({ viewportPx: Math.max(0, element.clientHeight - headerPx), widthPx: element.clientWidth });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [headerPx]);

  const place = useCallback((top: number) => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = scrollAtTop(top, latest.current);
    held.current.scrollPx = element.scrollTop;
    held.current.topPx = top;
    setTopPx(top);
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    const { current } = held;
    if (element === null || element.scrollTop === current.scrollPx) return;
    current.topPx = topAfterScroll(current.topPx, current.scrollPx, element.scrollTop, latest.current);
    current.scrollPx = element.scrollTop;
    setTopPx(current.topPx);
    clearTimeout(current.rest);
    current.rest = window.setTimeout(() => {
      const belongsPx = scrollAtTop(current.topPx, latest.current);
      if (Math.abs(belongsPx - element.scrollTop) <= 1) return;
      element.scrollTop = belongsPx;
      current.scrollPx = element.scrollTop;
    }, REST_MS);
  }, []);

  const show = useCallback(
    (row: number) => {
      const top = topToShow(row, rowPx, held.current.topPx, latest.current);
      if (top !== held.current.topPx) place(top);
    },
    [place, rowPx],
  );

  return {
    scroller,
    scrollHeightPx: scrollHeightOf(extent),
    topPx,
    ...size,
    first: Math.max(0, Math.floor(topPx / rowPx) - OVERSCAN_ROWS),
    last: Math.min(count, Math.ceil((topPx + size.viewportPx) / rowPx) + OVERSCAN_ROWS),
    pageRows: Math.max(1, Math.floor(size.viewportPx / rowPx) - 1),
    onScroll,
    show,
  };
}
