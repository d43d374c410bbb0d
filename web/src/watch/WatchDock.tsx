import { Eye, Plus } from "lucide-react";
import { useState } from "react";
import { useAction } from "../app/actions.ts";
import { prefixRange } from "../store/bytes.ts";
import { Button, EmptyState, useCell } from "../ui/index.ts";
import { AddWatch } from "./AddWatch.tsx";
import { useWatches } from "./context.ts";
import { WatchList } from "./WatchList.tsx";
import { WatchPane } from "./WatchPane.tsx";
import "./watch.css";

/** The list of watches, and beside it the events of those that are chosen. */
export default function WatchDock() {
  const watches = useWatches();
  const list = useCell(watches.list);
  const open = useCell(watches.open);
  const [isAdding, setAdding] = useState(false);
  const add = (): void => setAdding(true);
  useAction({ id: "watch.add", title: "Add a watch", group: "Watch", run: add });
  const dialog = <AddWatch open={isAdding} onClose={() => setAdding(false)} />;
  if (list.length === 0) {
    return (
      <>
        <EmptyState
          icon={<Eye aria-hidden />}
          title="No watches yet"
          actions={
            <>
              <Button tone="primary" icon={<Plus aria-hidden />} onClick={add}>
                Add a watch
              </Button>
              <Button onClick={() => watches.add(prefixRange(new Uint8Array()))}>Watch all keys</Button>
            </>
          }
        >
          A watch shows every change to a key, a prefix or a range as it happens, or from an earlier revision on.
        </EmptyState>
        {dialog}
      </>
    );
  }
  const panes = list.filter(({ id }) => open.includes(id));
  return (
    <div className="watch-dock">
      <WatchList list={list} open={open} onAdd={add} />
      <div className="watch-panes">
        {panes.map((session) => (
          <WatchPane key={session.id} session={session} />
        ))}
      </div>
      {dialog}
    </div>
  );
}
