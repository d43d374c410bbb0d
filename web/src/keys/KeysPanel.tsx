import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { useAction } from "../app/actions.ts";
import { preferences, setPreferences } from "../app/preferences.ts";
import { go, useRoute } from "../app/route.ts";
import { NotLive } from "../live/index.ts";
import { Spinner, useCell } from "../ui/index.ts";
import { Footer } from "./Footer.tsx";
import { KeyGrid } from "./grid/KeyGrid.tsx";
import type { MenuPlace } from "./grid/RowMenu.tsx";
import { allRows, filteredRows } from "./model/rowlist.ts";
import { NoRows } from "./NoRows.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import { PrefixSearch } from "./search/PrefixSearch.tsx";
import { type KeysView, Toolbar } from "./Toolbar.tsx";
import { useKeyTree } from "./useKeyTree.ts";
import { useRowCommands } from "./useRowCommands.tsx";
import { useSelection } from "./useSelection.ts";
import "./keys.css";

const RowMenu = lazy(() => import("./grid/RowMenu.tsx"));
const DeletedView = lazy(() => import("./deleted/DeletedView.tsx"));
const NewKeyDialog = lazy(() => import("../detail/NewKeyDialog.tsx"));

/** The keys of the store: found, filtered, listed, chosen. */
export function KeysPanel() {
  const { listMode } = useCell(preferences);
  const [isDeleted, setDeleted] = useState(false);
  const [filter, setFilter] = useState("");
  const filterInput = useRef<HTMLInputElement>(null);
  const refresh = useRef<() => void>(() => {});
  const view: KeysView = isDeleted ? "deleted" : listMode;
  const setView = (next: KeysView): void => {
    setDeleted(next === "deleted");
    if (next !== "deleted") setPreferences({ listMode: next });
  };
  useAction({ id: "keys.tree", title: "Show keys as a tree", group: "Keys", run: () => setView("tree") });
  useAction({ id: "keys.flat", title: "Show keys as a flat list", group: "Keys", run: () => setView("flat") });
  useAction({ id: "keys.deleted", title: "Show deleted keys", group: "Keys", run: () => setView("deleted") });
  const focusFilter = (): void => filterInput.current?.focus();
  useAction({ id: "keys.filter", title: "Filter what is loaded", group: "Keys", run: focusFilter });
  return (
    <div className="keys">
      <PrefixSearch />
      <Toolbar
        view={view}
        onView={setView}
        filter={filter}
        onFilter={setFilter}
        filterRef={filterInput}
        onRefresh={() => refresh.current()}
      />
      {isDeleted ? (
        <Suspense fallback={<Spinner />}>
          <DeletedView filter={filter} />
        </Suspense>
      ) : (
        <KeyList filter={filter} refresh={refresh} onClearFilter={() => setFilter("")} />
      )}
    </div>
  );
}

interface KeyListProps {
  readonly filter: string;
  readonly refresh: { current: () => void };
  readonly onClearFilter: () => void;
}

function KeyList({ filter, refresh, onClearFilter }: KeyListProps) {
  const { revision, key } = useRoute();
  const { columns } = useCell(preferences);
  const dropDeleted = useRef<(keys: readonly Uint8Array[]) => void>(() => {});
  const { tree, notLive } = useKeyTree((keys) => dropDeleted.current(keys));
  const isWhole = filter === "";
  const version = tree.version.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree's rows change with its version
  const rows = useMemo(() => (isWhole ? allRows(tree) : filteredRows(tree, filter)), [tree, filter, isWhole, version]);
  const selected = useSelection(rows, tree);
  dropDeleted.current = selected.drop;
  const [newKeyIn, setNewKeyIn] = useState<Uint8Array>();
  const [menu, setMenu] = useState<MenuPlace>();
  const commands = useRowCommands({ tree, selected, revision, onNewKey: setNewKeyIn });
  refresh.current = () => void tree.start();
  return (
    <>
      <SelectionBar selected={selected} commands={commands} isPast={revision !== undefined} />
      {rows.count === 0 || tree.root.slots.length === 0 ? (
        <NoRows tree={tree} filter={filter} onClearFilter={onClearFilter} />
      ) : (
        <KeyGrid
          tree={tree}
          rows={rows}
          isWhole={isWhole}
          selection={selected.selection}
          openKey={key}
          columns={columns}
          isPast={revision !== undefined}
          commands={commands.grid}
          onMenu={(row, x, y, focusRow) => setMenu({ x, y, items: commands.menuOf(row), focusRow })}
        />
      )}
      {/* Where there is no list, why there is none says it all. */}
      {tree.root.slots.length > 0 && <NotLive what="This list" reason={notLive} />}
      <Footer tree={tree} shown={isWhole ? undefined : rows.count} />
      <Suspense>{menu !== undefined && <RowMenu place={menu} onClose={() => setMenu(undefined)} />}</Suspense>
      <Suspense>
        {newKeyIn !== undefined && (
          <NewKeyDialog
            prefix={newKeyIn}
            onClose={() => setNewKeyIn(undefined)}
            onMade={(made) => {
              setNewKeyIn(undefined);
              go({ key: made, tab: "value" });
            }}
          />
        )}
      </Suspense>
    </>
  );
}
