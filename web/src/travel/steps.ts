/** From one revision to the next and back; undefined is now. */
export interface Span {
  readonly oldest: number;
  readonly latest: number;
}

/** Where a number leads: into the span, and to now where it is the newest revision there is. */
export function toRevision(revision: number, { oldest, latest }: Span): number | undefined {
  const whole = Math.round(revision);
  if (!Number.isFinite(whole) || whole >= latest) return undefined;
  return Math.max(oldest, whole);
}

export function stepBack(revision: number | undefined, span: Span): number | undefined {
  return toRevision((revision ?? span.latest) - 1, span);
}

export function stepForward(revision: number | undefined, span: Span): number | undefined {
  return revision === undefined ? undefined : toRevision(revision + 1, span);
}
