import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, memo, useId, useRef } from "react";
import { toDisplay } from "../store/bytes.ts";
import { HEADER_PX, ROW_PX, useFollowingScroll } from "../ui/followingscroll.ts";
import { Button, useCell } from "../ui/index.ts";
import { clockText, previewOf, type Row } from "./row.ts";
import type { WatchSession } from "./watchsession.ts";
import { countText } from "./words.ts";

interface EventListProps {
  readonly session: WatchSession;
  readonly chosen: Row | undefined;
  readonly onChoose: (row: Row | undefined) => void;
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 };
const SHOWN_KEY_BYTES = 200;

/** The events that pass the filter, the newest at the foot; of any number only those in view are drawn. */
export function EventList({ session, chosen, onChoose }: EventListProps) {
  useCell(session.version);
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { shown } = session;
  const scroll = useFollowingScroll(scroller, shown);
  const rows = Array.from({ length: scroll.end - scroll.start }, (_, at) => shown.at(scroll.start + at));
  const choose = (row: Row | undefined): void => {
    if (row === undefined) return;
    onChoose(row);
    scroll.reveal(shown.indexOf(row.sequence));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = chosen === undefined ? shown.length : shown.indexOf(chosen.sequence);
    const step = STEPS[event.key];
    if (step !== undefined) choose(shown.at(Math.max(0, Math.min(shown.length - 1, at + step))));
    else if (event.key === "Home") choose(shown.at(0));
    else if (event.key === "End") choose(shown.at(shown.length - 1));
    else if (event.key === "Escape" && chosen !== undefined) onChoose(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div className="watch-events">
      {/* biome-ignore lint/a11y/useSemanticElements: a <table> cannot draw only the rows in view */}
      <div
        ref={scroller}
        className="watch-grid"
        role="grid"
        tabIndex={0}
        aria-label="Events"
        aria-rowcount={shown.length + 1}
        aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen.sequence}`}
        onKeyDown={onKeyDown}
        onScroll={scroll.onScroll}
      >
        <HeaderRow />
        <div style={{ height: shown.length * ROW_PX, position: "relative" }}>
          <div style={{ transform: `translateY(${scroll.start * ROW_PX}px)` }}>
            {rows.map(
              (row, at) =>
                row !== undefined && (
                  <EventRow
                    key={row.sequence}
                    id={`${listId}-${row.sequence}`}
                    row={row}
                    index={scroll.start + at + 2}
                    isChosen={row === chosen}
                    onChoose={onChoose}
                  />
                ),
            )}
          </div>
        </div>
      </div>
      {shown.length === 0 && <p className="watch-none">{noneText(session)}</p>}
      {scroll.newBelow > 0 && (
        <Button small tone="primary" className="watch-below" icon={<ArrowDown aria-hidden />} onClick={scroll.toEnd}>
          {countText(scroll.newBelow)} new below
        </Button>
      )}
    </div>
  );
}

function noneText({ kept, received }: WatchSession): string {
  if (kept.length > 0) return "No event that was received passes the filter.";
  return received > 0 ? "Cleared. New events come in here." : "No events yet. Changes to what is watched come in here.";
}

function HeaderRow() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    <div role="row" className="watch-row watch-row-head" aria-rowindex={1} style={{ height: HEADER_PX }}>
      {["Time", "Revision", "Type", "Key", "Value", "Lease"].map((name) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: it is no control
        <span key={name} role="columnheader" className={`watch-cell-${name.toLowerCase()}`}>
          {name}
        </span>
      ))}
    </div>
  );
}

interface EventRowProps {
  readonly id: string;
  readonly row: Row;
  readonly index: number;
  readonly isChosen: boolean;
  readonly onChoose: (row: Row) => void;
}

const SIGNS: Record<Row["kind"], string> = { created: "+", updated: "~", deleted: "−" };

const EventRow = memo(function EventRow({ id, row, index, isChosen, onChoose }: EventRowProps) {
  const { kind, kv } = row;
  const cells: ReadonlyArray<readonly [string, string]> = [
    ["time", clockText(row.receivedAtMs)],
    ["revision", String(row.revision)],
    ["type", `${SIGNS[kind]} ${kind}`],
    ["key", toDisplay(kv.key.subarray(0, SHOWN_KEY_BYTES))],
    ["value", kind === "deleted" ? "" : previewOf(kv.value)],
    ["lease", kv.lease === 0n ? "" : kv.lease.toString(16)],
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={id}
      role="row"
      className="watch-row"
      data-kind={kind}
      aria-rowindex={index}
      aria-selected={isChosen}
      onClick={() => onChoose(row)}
    >
      {cells.map(([name, text]) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: the row is chosen, not the cell
        <span key={name} role="gridcell" className={`watch-cell-${name}`}>
          {text}
        </span>
      ))}
    </div>
  );
});
