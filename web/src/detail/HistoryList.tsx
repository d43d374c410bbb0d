import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from "react";
import { sizeText } from "../store/bytes.ts";
import { Badge, Spinner } from "../ui/index.ts";
import type { HistoryEntry, HistoryState } from "./historyreader.ts";
import { leaseText } from "./record.ts";

interface HistoryListProps {
  readonly state: HistoryState;
  /** Revisions; one, or two to compare. */
  readonly chosen: readonly number[];
  readonly onChoose: (revisions: readonly number[]) => void;
}

const ROW_PX = 44;

/** Versions, newest first, as a list box of any length: arrows move, Space adds one to compare, Enter takes one alone. */
export function HistoryList({ state, chosen, onChoose }: HistoryListProps) {
  const { count } = state;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const { active, choose, onKeyDown } = useChoice({ state, chosen, onChoose }, (row) => rows.scrollToIndex(row));
  useEffect(() => {
    // Whoever walks along the tabs is not to be drawn away from them.
    if (document.activeElement?.role !== "tab") scroller.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="detail-history-side">
      <HistoryNote state={state} />
      <div
        ref={scroller}
        className="detail-history-list"
        role="listbox"
        aria-label="Versions"
        aria-multiselectable
        aria-activedescendant={`${id}-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((item) => {
            const entry = entryAt(state, item.index);
            if (entry === undefined) return null;
            return (
              <HistoryRow
                key={item.key}
                id={`${id}-${item.index}`}
                entry={entry}
                before={entryAt(state, item.index + 1)}
                place={[item.index + 1, count]}
                isChosen={chosen.includes(entry.revision)}
                isActive={item.index === active}
                topPx={item.start}
                onChoose={(adds) => choose(entry.revision, adds)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface Choice {
  /** The row that the keyboard is at. */
  readonly active: number;
  /** @param adds to what is chosen already, or takes away from it */
  readonly choose: (revision: number, adds: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function useChoice({ state, chosen, onChoose }: HistoryListProps, reveal: (row: number) => void): Choice {
  // By revision, so that it stays with its row when new ones come in above.
  const [activeRevision, setActive] = useState<number>();
  const active = rowOf(state, activeRevision ?? chosen[0]);
  const choose = (revision: number, adds: boolean): void => {
    setActive(revision);
    if (!adds) onChoose([revision]);
    else if (chosen.includes(revision)) onChoose(chosen.filter((one) => one !== revision));
    else onChoose([...chosen.slice(-1), revision]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isChoice = event.key === " " || event.key === "Enter";
    const target = isChoice ? active : moves(event.key, active, state.count);
    const entry = target === undefined ? undefined : entryAt(state, target);
    if (target === undefined || entry === undefined) return;
    event.preventDefault();
    if (isChoice) choose(entry.revision, event.key === " ");
    else setActive(entry.revision);
    reveal(target);
  };
  return { active, choose, onKeyDown };
}

/** Newest first: the last entry is row 0. */
function entryAt({ entries, count }: HistoryState, row: number): HistoryEntry | undefined {
  return entries[count - 1 - row];
}

/** The row of a revision; 0 for one that is not there. */
function rowOf({ entries, count }: HistoryState, revision: number | undefined): number {
  let low = 0;
  let high = count - 1;
  while (revision !== undefined && low <= high) {
    const middle = (low + high) >> 1;
    const found = entries[middle]?.revision ?? 0;
    if (found === revision) return count - 1 - middle;
    if (found < revision) low = middle + 1;
    else high = middle - 1;
  }
  return 0;
}

const PAGE_ROWS = 10;

/** Where a key leads from a row; undefined for a key that moves nothing. */
function moves(key: string, at: number, count: number): number | undefined {
  const targets: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + PAGE_ROWS,
    PageUp: at - PAGE_ROWS,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(count - 1, Math.max(0, target));
}

function HistoryNote({ state }: { readonly state: HistoryState }) {
  const { count, phase, compactRevision } = state;
  return (
    <p className="detail-history-note" role="status">
      {phase === "reading" && <Spinner label="Reading the history" />}
      {count === 1 ? "1 version" : `${count.toLocaleString("en")} versions`}
      {compactRevision > 0 && `, compacted below ${compactRevision.toLocaleString("en")}`}
    </p>
  );
}

interface HistoryRowProps {
  readonly id: string;
  readonly entry: HistoryEntry;
  /** The version it took the place of. */
  readonly before: HistoryEntry | undefined;
  /** Its number among all, and how many there are. */
  readonly place: readonly [number, number];
  readonly isChosen: boolean;
  readonly isActive: boolean;
  readonly topPx: number;
  /** @param add to what is chosen already, to compare */
  readonly onChoose: (add: boolean) => void;
}

function HistoryRow({ id, entry, before, place, isChosen, isActive, topPx, onChoose }: HistoryRowProps) {
  const onClick = (event: MouseEvent): void => {
    const onMark = (event.target as Element).closest(".detail-history-mark") !== null;
    onChoose(onMark || event.metaKey || event.ctrlKey || event.shiftKey);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus, and names its active option
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      aria-posinset={place[0]}
      aria-setsize={place[1]}
      className={isActive ? "detail-history-row detail-history-active" : "detail-history-row"}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={onClick}
    >
      <span className="detail-history-mark" aria-hidden title="Compare">
        {isChosen ? "☑" : "☐"}
      </span>
      <span className="detail-history-revision">{entry.revision.toLocaleString("en")}</span>
      <span className="grow detail-history-what">
        <span className="row">
          <Badge tone={entry.type === "delete" ? "danger" : entry.version === 1 ? "success" : "neutral"}>
            {entry.type === "delete" ? "Deleted" : entry.version === 1 ? "Created" : `Version ${entry.version}`}
          </Badge>
          {entry.type === "put" && <span className="muted">{sizeText(entry.sizeBytes)}</span>}
        </span>
        <span className="muted detail-history-before">{beforeText(entry, before)}</span>
      </span>
    </div>
  );
}

function beforeText(entry: HistoryEntry, before: HistoryEntry | undefined): string {
  const lease = entry.lease === 0n ? "" : `lease ${leaseText(entry.lease)}`;
  const after =
    before === undefined || before.type === "delete" ? "" : `after revision ${before.revision.toLocaleString("en")}`;
  return [after, lease].filter(Boolean).join(", ");
}
