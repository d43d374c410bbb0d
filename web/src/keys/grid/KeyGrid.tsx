// biome-ignore-all lint/a11y/useSemanticElements: a table of which only some rows are there is a grid by its roles
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus, not their cells
import { type CSSProperties, type MouseEvent, useEffect, useRef } from "react";
import type { KeyColumn } from "../../app/preferences.ts";
import { equalBytes } from "../../store/bytes.ts";
import { useFinger } from "../../ui/index.ts";
import type { Row } from "../model/foldernode.ts";
import type { KeyTree } from "../model/keytree.ts";
import type { RowList } from "../model/rowlist.ts";
import type { Selection } from "../model/selection.ts";
import { type Column, fittingColumns } from "./columns.ts";
import { KeyRow, PlainRow } from "./KeyRow.tsx";
import { LoadingRow, MoreRow } from "./MoreRow.tsx";
import { useGridFocus } from "./useGridFocus.ts";
import { type GridCommands, useGridKeys } from "./useGridKeys.ts";
import { useVirtualScroll } from "./useVirtualScroll.ts";

const ROW_PX = 28;
/** As keys.css has it. */
const FINGER_ROW_PX = 38;
const HEADER_PX = 26;
const MORE_PX = 34;
/** Rows are placed from the last multiple of it on: their places stay, and small, while one scrolls. */
const BASE_ROWS = 1_000;

interface KeyGridProps {
  readonly tree: KeyTree;
  readonly rows: RowList;
  /** Whether the rows are the tree's own, which it loads as they are looked at. */
  readonly isWhole: boolean;
  readonly selection: Selection;
  readonly openKey: Uint8Array | undefined;
  readonly columns: readonly KeyColumn[];
  readonly isPast: boolean;
  readonly commands: Omit<GridCommands, "openMenu">;
  /** @param focusRow gives the focus back to the row when the menu closes */
  readonly onMenu: (row: Row, x: number, y: number, focusRow: () => void) => void;
}

/** The keys as a treegrid of any length: only the rows that are seen are in the page. */
export function KeyGrid(props: KeyGridProps) {
  const { tree, rows, isWhole, commands, onMenu } = props;
  const rowPx = useFinger() ? FINGER_ROW_PX : ROW_PX;
  const scroll = useVirtualScroll(rows.count, rowPx, HEADER_PX);
  const focus = useGridFocus(rows, scroll);
  const { first, last, scroller, topPx } = scroll;
  /** Where a range of clicked rows begins. */
  const anchor = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is looked at changes with the tree's version too
  useEffect(() => {
    if (isWhole) tree.look(first, last);
  }, [tree, isWhole, first, last, tree.version.value]);

  const openMenu = (at: number): void => {
    const row = rows.row(at);
    const box = scroller.current?.querySelector(`[data-at="${at}"]`)?.getBoundingClientRect();
    if (row?.kind === "entry" && box !== undefined)
      onMenu(row, box.left + MORE_PX, box.bottom - 4, () => focus.moveTo(at));
  };
  const onKeyDown = useGridKeys({ rows, focus, pageRows: scroll.pageRows, commands: { ...commands, openMenu } });
  const columns = fittingColumns(props.columns, scroll.widthPx - MORE_PX);
  const base = Math.floor(first / BASE_ROWS) * BASE_ROWS;
  return (
    <div
      ref={scroller}
      className="keys-grid"
      role="treegrid"
      aria-label="Keys"
      aria-multiselectable
      aria-rowcount={rows.count === 0 || tree.root.next !== undefined ? -1 : rows.count + 1}
      onScroll={scroll.onScroll}
      onKeyDown={onKeyDown}
      onClick={(event) => click(event, rows, anchor, commands, openMenu)}
      onFocus={(event) => {
        const at = rowNumber(event.target);
        if (at !== undefined && at !== focus.at) focus.noticed(at);
      }}
      onContextMenu={(event) => {
        const at = rowNumber(event.target) ?? -1;
        const row = rows.row(at);
        if (row?.kind !== "entry") return;
        event.preventDefault();
        onMenu(row, event.clientX, event.clientY, () => focus.moveTo(at));
      }}
    >
      <Head columns={columns} />
      <div role="rowgroup" className="keys-body" style={{ height: scroll.scrollHeightPx }}>
        <div
          className="keys-window"
          style={{ top: HEADER_PX, height: Math.min(scroll.viewportPx, rows.count * rowPx) }}
        >
          <div className="keys-rows" style={{ "--shift": `${base * rowPx - topPx}px` } as CSSProperties}>
            {drawnRows(first, last, focus.at, rows.count).map((at) => (
              <GridRow
                {...props}
                key={rows.row(at)?.id ?? at}
                at={at}
                row={rows.row(at)}
                // The row with the focus stays in the page, out of sight.
                topPx={(Math.max(first - 1, Math.min(last, at)) - base) * rowPx}
                fitting={columns}
                isTabStop={at === focus.at}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function drawnRows(first: number, last: number, focused: number, count: number): number[] {
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, step) => first + step);
  return focused >= count || (focused >= first && focused < last) ? drawn : [...drawn, focused];
}

function Head({ columns }: { readonly columns: readonly Column[] }) {
  return (
    <div role="rowgroup" className="keys-head">
      <div role="row" aria-rowindex={1} className="keys-head-row">
        <div role="columnheader" className="keys-name">
          Key
        </div>
        {columns.map(({ id, title, widthPx }) => (
          <div role="columnheader" className="keys-cell" key={id} style={{ width: widthPx }}>
            {title}
          </div>
        ))}
        <div role="columnheader" className="keys-more">
          <span className="visually-hidden">Menu</span>
        </div>
      </div>
    </div>
  );
}

interface GridRowProps extends KeyGridProps {
  readonly at: number;
  readonly row: Row | undefined;
  readonly topPx: number;
  readonly fitting: readonly Column[];
  readonly isTabStop: boolean;
}

function GridRow({ at, row, topPx, fitting, isTabStop, tree, isWhole, selection, openKey, isPast }: GridRowProps) {
  if (row === undefined) return null;
  const plain = { at, topPx, level: row.level, isTabStop };
  if (row.kind === "pending") {
    return (
      <PlainRow {...plain}>
        <LoadingRow slot={row.slot} onRetry={() => tree.retry(tree.root)} />
      </PlainRow>
    );
  }
  if (row.kind === "more") {
    return (
      <PlainRow {...plain}>
        <MoreRow folder={row.folder} onRetry={() => tree.retry(row.folder)} />
      </PlainRow>
    );
  }
  const { entry, folder } = row;
  return (
    <KeyRow
      {...plain}
      position={row.position}
      setSize={row.setSize}
      entry={entry}
      chain={entry.chain}
      info={entry.info}
      changedAtMs={entry.changedAtMs}
      nameFrom={row.level === 1 || !isWhole ? 0 : folder.prefix.length}
      isOpen={openKey !== undefined && entry.info !== undefined && equalBytes(openKey, entry.path)}
      isExpanded={entry.node !== undefined}
      isSelected={selection.has(row.id)}
      columns={fitting}
      isPast={isPast}
    />
  );
}

function rowNumber(target: EventTarget): number | undefined {
  const at = target instanceof Element ? target.closest("[data-at]")?.getAttribute("data-at") : undefined;
  return at === null || at === undefined ? undefined : Number(at);
}

function click(
  event: MouseEvent,
  rows: RowList,
  anchor: { current: number },
  commands: Omit<GridCommands, "openMenu">,
  openMenu: (at: number) => void,
): void {
  const at = rowNumber(event.target);
  const row = at === undefined ? undefined : rows.row(at);
  if (at === undefined || row === undefined || !(event.target instanceof Element)) return;
  const isToggle = event.ctrlKey || event.metaKey || event.target.closest("[data-check]") !== null;
  if (event.target.closest("[data-menu]") !== null) openMenu(at);
  else if (event.shiftKey) commands.selectBetween(anchor.current, at);
  else {
    anchor.current = at;
    if (isToggle) commands.toggleSelected(row);
    else commands.open(row);
  }
}
