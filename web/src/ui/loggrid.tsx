import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { Button } from "./button.tsx";
import { HEADER_PX, ROW_PX, type RowSource, useFollowingScroll } from "./followingscroll.ts";
import "./loggrid.css";

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 };

interface LogGridProps<Row extends { readonly sequence: number }> {
  readonly label: string;
  /** Begins the names of its own classes: `watch` has `watch-row` and `watch-cell-key`. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: RowSource<Row>;
  /** The sequence of the chosen row. */
  readonly chosen: number | undefined;
  readonly onChoose: (row: Row | undefined) => void;
  readonly drawRow: (row: Row, place: LogRowPlace) => ReactNode;
}

/** Where a row stands, for LogRow. */
export interface LogRowPlace {
  readonly id: string;
  readonly index: number;
  readonly isChosen: boolean;
}

/** Rows that come in at the foot, one of which may be chosen; of any number only those in view are drawn. */
export function LogGrid<Row extends { readonly sequence: number }>(props: LogGridProps<Row>) {
  const { label, name, columns, rows, chosen, onChoose, drawRow } = props;
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const scroll = useFollowingScroll(scroller, rows);
  const choose = (row: Row | undefined): void => {
    if (row === undefined) return;
    onChoose(row);
    scroll.reveal(rows.indexOf(row.sequence));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = chosen === undefined ? rows.length : rows.indexOf(chosen);
    const step = STEPS[event.key];
    if (step !== undefined) choose(rows.at(Math.max(0, Math.min(rows.length - 1, at + step))));
    else if (event.key === "Home") choose(rows.at(0));
    else if (event.key === "End") choose(rows.at(rows.length - 1));
    else if (event.key === "Escape" && chosen !== undefined) onChoose(undefined);
    else return;
    event.preventDefault();
  };
  const drawn = Array.from({ length: scroll.end - scroll.start }, (_, at) => {
    const row = rows.at(scroll.start + at);
    if (row === undefined) return undefined;
    const id = `${listId}-${row.sequence}`;
    return drawRow(row, { id, index: scroll.start + at + 2, isChosen: row.sequence === chosen });
  });
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a <table> cannot draw only the rows in view */}
      <div
        ref={scroller}
        className="log-grid"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen}`}
        onKeyDown={onKeyDown}
        onScroll={scroll.onScroll}
      >
        <HeaderRow name={name} columns={columns} />
        <div style={{ height: rows.length * ROW_PX, position: "relative" }}>
          <div style={{ transform: `translateY(${scroll.start * ROW_PX}px)` }}>{drawn}</div>
        </div>
      </div>
      {scroll.newBelow > 0 && (
        <Button small tone="primary" className="log-below" icon={<ArrowDown aria-hidden />} onClick={scroll.toEnd}>
          {scroll.newBelow.toLocaleString("en")} new below
        </Button>
      )}
    </>
  );
}

function HeaderRow({ name, columns }: { readonly name: string; readonly columns: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    <div role="row" className={`log-row ${name}-row log-row-head`} aria-rowindex={1} style={{ height: HEADER_PX }}>
      {columns.map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: it is no control
        <span key={column} role="columnheader" className={`${name}-cell-${column.toLowerCase()}`}>
          {column}
        </span>
      ))}
    </div>
  );
}

interface LogRowProps extends LogRowPlace {
  readonly name: string;
  /** A column and its text. */
  readonly cells: ReadonlyArray<readonly [string, string]>;
  /** What the row's own classes tell apart. */
  readonly kind: string;
  readonly onClick: () => void;
}

export function LogRow({ id, index, isChosen, name, cells, kind, onClick }: LogRowProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, by aria-activedescendant
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={id}
      role="row"
      className={`log-row ${name}-row`}
      data-kind={kind}
      aria-rowindex={index}
      aria-selected={isChosen}
      onClick={onClick}
    >
      {cells.map(([column, text]) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: the row is chosen, not the cell
        <span key={column} role="gridcell" className={`${name}-cell-${column}`}>
          {text}
        </span>
      ))}
    </div>
  );
}
