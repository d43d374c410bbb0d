/**
 * Lists that are longer than a browser lets an element be: it stops at 33.5 million px, half of that on dense
 * screens. The scrolled element is at most MAX_SCROLL_PX high; where the list is higher, the scrollbar moves
 * through it in proportion, while the wheel and the keys still move it px by px.
 */
export const MAX_SCROLL_PX = 15_000_000;

export interface Extent {
  /** Of all rows. */
  readonly contentPx: number;
  readonly viewportPx: number;
}

/** The height of the scrolled element. */
export function scrollHeightOf({ contentPx }: Extent): number {
  return Math.min(contentPx, MAX_SCROLL_PX);
}

function maxTop({ contentPx, viewportPx }: Extent): number {
  return Math.max(0, contentPx - viewportPx);
}

function maxScroll(extent: Extent): number {
  return Math.max(0, scrollHeightOf(extent) - extent.viewportPx);
}

/** Where in the list one is at a place of the scrollbar. */
export function topAtScroll(scrollPx: number, extent: Extent): number {
  const scroll = maxScroll(extent);
  return scroll === 0 ? 0 : (clamp(scrollPx, scroll) / scroll) * maxTop(extent);
}

/** The place of the scrollbar for a place in the list. */
export function scrollAtTop(topPx: number, extent: Extent): number {
  const top = maxTop(extent);
  return top === 0 ? 0 : (clamp(topPx, top) / top) * maxScroll(extent);
}

/**
 * Where in the list one is after the scrollbar has moved. A step of less than two screens was the wheel's and
 * counts in full; a longer one was the scrollbar's own. At its ends the scrollbar is always right.
 */
export function topAfterScroll(topPx: number, fromScrollPx: number, toScrollPx: number, extent: Extent): number {
  const scroll = maxScroll(extent);
  const byPx = toScrollPx - fromScrollPx;
  const isEnd = toScrollPx <= 0 || toScrollPx >= scroll - 1;
  if (isEnd || extent.contentPx <= MAX_SCROLL_PX || Math.abs(byPx) > 2 * extent.viewportPx) {
    return topAtScroll(toScrollPx >= scroll - 1 ? scroll : toScrollPx, extent);
  }
  return clamp(topPx + byPx, maxTop(extent));
}

/** The least move that brings a row into view. */
export function topToShow(row: number, rowPx: number, topPx: number, extent: Extent): number {
  const start = row * rowPx;
  const end = start + rowPx;
  if (start < topPx) return start;
  return end > topPx + extent.viewportPx ? end - extent.viewportPx : clamp(topPx, maxTop(extent));
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(0, value));
}
