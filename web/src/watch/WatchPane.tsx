import { useState } from "react";
import { useCell } from "../ui/index.ts";
import { EventDetail } from "./EventDetail.tsx";
import { EventList } from "./EventList.tsx";
import { FilterBar } from "./FilterBar.tsx";
import type { Row } from "./row.ts";
import { rangeText } from "./spec.ts";
import { WatchNotice } from "./WatchNotice.tsx";
import { WatchStatus } from "./WatchStatus.tsx";
import { WatchToolbar } from "./WatchToolbar.tsx";
import type { WatchSession } from "./watchsession.ts";

/** One watch: its state, its filters, its events and the one that is chosen. */
export function WatchPane({ session }: { readonly session: WatchSession }) {
  const [chosen, setChosen] = useState<Row>();
  const filter = useCell(session.filter);
  return (
    <section className="watch-pane" aria-label={`Watch of ${session.spec.label ?? rangeText(session.spec)}`}>
      <div className="watch-bar">
        <FilterBar filter={filter} onChange={(next) => session.setFilter(next)} />
        <WatchToolbar session={session} />
      </div>
      <WatchNotice session={session} />
      <div className="watch-body">
        <EventList session={session} chosen={chosen} onChoose={setChosen} />
        {chosen !== undefined && (
          <EventDetail row={chosen} hasPrevious={session.spec.prevKv ?? true} onClose={() => setChosen(undefined)} />
        )}
      </div>
      <WatchStatus session={session} />
    </section>
  );
}
