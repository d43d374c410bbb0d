import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { go, useRoute } from "../app/route.ts";
import { type Cell, useCell } from "../ui/index.ts";
import { oldestOf, refreshOldest } from "./oldest.ts";
import { type Span, stepBack, stepForward } from "./steps.ts";

export interface Travel extends Span {
  /** Undefined for now. */
  readonly revision: number | undefined;
  readonly to: (revision: number | undefined) => void;
  readonly back: () => void;
  readonly forward: () => void;
  /** Looks anew how far back one can go. */
  readonly refresh: () => void;
}

export function useTravel(): Travel {
  const connection = useConnection();
  const { revision } = useRoute();
  const latest = useCalmCell(connection.revision);
  const oldest = useCell(oldestOf(connection));
  const isKnown = latest > 0;
  // Whoever travels may meet a compaction on the way.
  useEffect(() => {
    if (revision !== undefined && isKnown) void refreshOldest(connection);
  }, [connection, revision, isKnown]);
  const span = { oldest, latest };
  return {
    ...span,
    revision,
    to: travelTo,
    back: () => travelTo(stepBack(revision, span)),
    forward: () => travelTo(stepForward(revision, span)),
    refresh: () => void refreshOldest(connection),
  };
}

const CALM_MS = 200;

/** The cell's value, for what need not be drawn again with each of a thousand changes a second: at once, then calmly. */
function useCalmCell<T>(cell: Cell<T>): T {
  const [shown, setShown] = useState(cell.value);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isBehind = false;
    const show = (): void => {
      isBehind = timer !== undefined;
      if (isBehind) return;
      setShown(cell.value);
      timer = setTimeout(() => {
        timer = undefined;
        if (isBehind) show();
      }, CALM_MS);
    };
    setShown(cell.value);
    const unsubscribe = cell.subscribe(show);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [cell]);
  return shown;
}

/** Each step is not a page of its own to go back to; leaving now is. */
export function travelTo(revision: number | undefined): void {
  const isTravelling = new URLSearchParams(location.search).has("rev");
  go({ revision }, { replace: isTravelling && revision !== undefined });
}
