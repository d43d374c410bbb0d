import { memo } from "react";
import { toDisplay } from "../store/bytes.ts";
import { useCell } from "../ui/index.ts";
import { LogGrid, LogRow, type LogRowPlace } from "../ui/loggrid.tsx";
import { clockText, previewOf, type Row } from "./row.ts";
import type { WatchSession } from "./watchsession.ts";

interface EventListProps {
  readonly session: WatchSession;
  readonly chosen: Row | undefined;
  readonly onChoose: (row: Row | undefined) => void;
}

const COLUMNS = ["Time", "Revision", "Type", "Key", "Value", "Lease"];
const SHOWN_KEY_BYTES = 200;

/** The events that pass the filter, the newest at the foot. */
export function EventList({ session, chosen, onChoose }: EventListProps) {
  useCell(session.version);
  const { shown } = session;
  return (
    <div className="watch-events">
      <LogGrid
        label="Events"
        name="watch"
        columns={COLUMNS}
        rows={shown}
        chosen={chosen?.sequence}
        onChoose={onChoose}
        drawRow={(row, place) => <EventRow key={row.sequence} row={row} onChoose={onChoose} {...place} />}
      />
      {shown.length === 0 && <p className="watch-none">{noneText(session)}</p>}
    </div>
  );
}

function noneText({ kept, received }: WatchSession): string {
  if (kept.length > 0) return "No event that was received passes the filter.";
  return received > 0 ? "Cleared. New events come in here." : "No events yet. Changes to what is watched come in here.";
}

interface EventRowProps extends LogRowPlace {
  readonly row: Row;
  readonly onChoose: (row: Row) => void;
}

const SIGNS: Record<Row["kind"], string> = { created: "+", updated: "~", deleted: "−" };

const EventRow = memo(function EventRow({ row, onChoose, ...place }: EventRowProps) {
  const { kind, kv } = row;
  const cells: ReadonlyArray<readonly [string, string]> = [
    ["time", clockText(row.receivedAtMs)],
    ["revision", String(row.revision)],
    ["type", `${SIGNS[kind]} ${kind}`],
    ["key", toDisplay(kv.key.subarray(0, SHOWN_KEY_BYTES))],
    ["value", kind === "deleted" ? "" : previewOf(kv.value)],
    ["lease", kv.lease === 0n ? "" : kv.lease.toString(16)],
  ];
  return <LogRow {...place} name="watch" kind={kind} cells={cells} onClick={() => onChoose(row)} />;
});
