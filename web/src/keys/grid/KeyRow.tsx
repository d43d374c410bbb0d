// biome-ignore-all lint/a11y/useSemanticElements: a table of which only some rows are there is a grid by its roles
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus, not their cells
import { ChevronRight, Ellipsis } from "lucide-react";
import { memo, type ReactNode } from "react";
import { KeyText } from "../../ui/index.ts";
import type { Entry } from "../model/slot.ts";
import type { KeyInfo } from "../model/source.ts";
import { KeyCell } from "./cells.tsx";
import type { Column } from "./columns.ts";

export interface KeyRowProps {
  /** Its number in the list. */
  readonly at: number;
  readonly topPx: number;
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  readonly entry: Entry;
  readonly chain: Uint8Array;
  readonly info: KeyInfo | undefined;
  readonly changedAtMs: number;
  /** Bytes of the path that its folder's row says already. */
  readonly nameFrom: number;
  readonly isOpen: boolean;
  readonly isExpanded: boolean;
  readonly isSelected: boolean;
  readonly isTabStop: boolean;
  readonly columns: readonly Column[];
  readonly isPast: boolean;
}

const INDENT_PX = 14;

/** A key or folder. What is done with it, the grid does: it listens for all its rows. */
export const KeyRow = memo(function KeyRow(props: KeyRowProps) {
  const { at, topPx, level, entry, info, chain, columns, isPast } = props;
  const isFolder = info === undefined;
  return (
    <div
      role="row"
      className="keys-row"
      style={{ top: topPx }}
      data-at={at}
      data-folder={isFolder}
      data-current={props.isOpen}
      tabIndex={props.isTabStop ? 0 : -1}
      aria-level={level}
      aria-posinset={props.position}
      aria-setsize={props.setSize}
      aria-rowindex={at + 2}
      aria-expanded={isFolder ? props.isExpanded : undefined}
      aria-selected={isFolder ? undefined : props.isSelected}
    >
      <Flash atMs={props.changedAtMs} />
      <div role="gridcell" className="keys-name" style={{ paddingLeft: (level - 1) * INDENT_PX }}>
        {isFolder ? (
          <ChevronRight className="keys-twisty" data-twisty aria-hidden />
        ) : (
          <span className="keys-check" data-check={props.isSelected} aria-hidden />
        )}
        <KeyText bytes={isFolder ? chain : entry.path} from={props.nameFrom} />
      </div>
      {columns.map((column) => (
        <div role="gridcell" className="keys-cell" key={column.id} style={{ width: column.widthPx }}>
          {info !== undefined && <KeyCell column={column} info={info} isPast={isPast} />}
        </div>
      ))}
      <div role="gridcell" className="keys-more">
        <button
          type="button"
          tabIndex={-1}
          className="keys-more-button"
          data-menu
          aria-label="Row menu"
          aria-haspopup="menu"
        >
          <Ellipsis aria-hidden />
        </button>
      </div>
    </div>
  );
});

const FLASH_MS = 1_200;

/** Shows for a moment that the row is new or has changed; its key starts it again with each change. */
function Flash({ atMs }: { readonly atMs: number }) {
  if (atMs === 0 || Date.now() - atMs > FLASH_MS) return null;
  return <span className="keys-flash" key={atMs} aria-hidden />;
}

interface PlainRowProps {
  readonly at: number;
  readonly topPx: number;
  readonly level: number;
  readonly isTabStop: boolean;
  readonly children: ReactNode;
}

/** A row that is no key: one that is being loaded, or that says how much is. */
export function PlainRow({ at, topPx, level, isTabStop, children }: PlainRowProps) {
  return (
    <div
      role="row"
      className="keys-row keys-row-plain"
      style={{ top: topPx }}
      data-at={at}
      tabIndex={isTabStop ? 0 : -1}
      aria-level={level}
      aria-rowindex={at + 2}
    >
      <div role="gridcell" className="keys-name" style={{ paddingLeft: level * INDENT_PX }}>
        {children}
      </div>
    </div>
  );
}
