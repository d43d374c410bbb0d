import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, memo, useId, useMemo, useRef } from "react";
import type { RequestEntry } from "../store/requestlog.ts";
import { HEADER_PX, ROW_PX, useFollowingScroll } from "../ui/followingscroll.ts";
import { Button } from "../ui/index.ts";
import { clockText } from "../watch/row.ts";
import { rowsOf } from "./filter.ts";
import { durationText, methodText, statusText } from "./words.ts";

interface RequestListProps {
  readonly entries: readonly RequestEntry[];
  readonly chosenId: number | undefined;
  readonly onChoose: (id: number | undefined) => void;
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 };
const COLUMNS = ["Time", "Method", "Status", "Duration", "Messages"];

/** The calls, the newest at the foot; only those in view are drawn. */
export function RequestList({ entries, chosenId, onChoose }: RequestListProps) {
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(entries), [entries]);
  const scroll = useFollowingScroll(scroller, rows);
  const chosenAt = entries.findIndex(({ id }) => id === chosenId);
  const choose = (index: number): void => {
    const bounded = Math.max(0, Math.min(entries.length - 1, index));
    onChoose(entries[bounded]?.id);
    scroll.reveal(bounded);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step !== undefined) choose((chosenAt < 0 ? entries.length : chosenAt) + step);
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(entries.length - 1);
    else if (event.key === "Escape" && chosenAt >= 0) onChoose(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div className="requests-list">
      {/* biome-ignore lint/a11y/useSemanticElements: a <table> cannot draw only the rows in view */}
      <div
        ref={scroller}
        className="requests-grid"
        role="grid"
        tabIndex={0}
        aria-label="Calls"
        aria-rowcount={entries.length + 1}
        aria-activedescendant={chosenAt < 0 ? undefined : `${listId}-${chosenId}`}
        onKeyDown={onKeyDown}
        onScroll={scroll.onScroll}
      >
        <HeaderRow />
        <div style={{ height: entries.length * ROW_PX }}>
          <div style={{ transform: `translateY(${scroll.start * ROW_PX}px)` }}>
            {entries.slice(scroll.start, scroll.end).map((entry, at) => (
              <CallRow
                key={entry.id}
                domId={`${listId}-${entry.id}`}
                entry={entry}
                index={scroll.start + at + 2}
                isChosen={entry.id === chosenId}
                onChoose={onChoose}
              />
            ))}
          </div>
        </div>
      </div>
      {scroll.newBelow > 0 && (
        <Button small tone="primary" className="requests-below" icon={<ArrowDown aria-hidden />} onClick={scroll.toEnd}>
          {scroll.newBelow} new below
        </Button>
      )}
    </div>
  );
}

function HeaderRow() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    <div role="row" className="requests-row requests-row-head" aria-rowindex={1} style={{ height: HEADER_PX }}>
      {COLUMNS.map((name) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: it is no control
        <span key={name} role="columnheader" className={`requests-cell-${name.toLowerCase()}`}>
          {name}
        </span>
      ))}
    </div>
  );
}

interface CallRowProps {
  readonly domId: string;
  readonly entry: RequestEntry;
  readonly index: number;
  readonly isChosen: boolean;
  readonly onChoose: (id: number) => void;
}

const CallRow = memo(function CallRow({ domId, entry, index, isChosen, onChoose }: CallRowProps) {
  const cells: ReadonlyArray<readonly [string, string]> = [
    ["time", clockText(entry.startedAtMs)],
    ["method", methodText(entry.method)],
    ["status", statusText(entry)],
    ["duration", durationText(entry.durationMs)],
    ["messages", entry.isStream ? String(entry.messages) : ""],
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={domId}
      role="row"
      className="requests-row"
      data-failed={entry.error !== undefined}
      aria-rowindex={index}
      aria-selected={isChosen}
      onClick={() => onChoose(entry.id)}
    >
      {cells.map(([name, text]) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: the row is chosen, not the cell
        <span key={name} role="gridcell" className={`requests-cell-${name}`}>
          {text}
        </span>
      ))}
    </div>
  );
});
