import { memo, useMemo } from "react";
import type { RequestEntry } from "../store/requestlog.ts";
import { LogGrid, LogRow, type LogRowPlace } from "../ui/loggrid.tsx";
import { clockText } from "../watch/row.ts";
import { rowsOf } from "./filter.ts";
import { durationText, methodText, statusText } from "./words.ts";

interface RequestListProps {
  readonly entries: readonly RequestEntry[];
  readonly chosenId: number | undefined;
  readonly onChoose: (id: number | undefined) => void;
}

const COLUMNS = ["Time", "Method", "Status", "Duration", "Messages"];

/** The calls, the newest at the foot. */
export function RequestList({ entries, chosenId, onChoose }: RequestListProps) {
  const rows = useMemo(() => rowsOf(entries), [entries]);
  const isShown = entries.some(({ id }) => id === chosenId);
  return (
    <div className="requests-list">
      <LogGrid
        label="Calls"
        name="requests"
        columns={COLUMNS}
        rows={rows}
        chosen={isShown ? chosenId : undefined}
        onChoose={(row) => onChoose(row?.sequence)}
        drawRow={({ entry }, place) => <CallRow key={entry.id} entry={entry} onChoose={onChoose} {...place} />}
      />
    </div>
  );
}

interface CallRowProps extends LogRowPlace {
  readonly entry: RequestEntry;
  readonly onChoose: (id: number) => void;
}

const CallRow = memo(function CallRow({ entry, onChoose, ...place }: CallRowProps) {
  const cells: ReadonlyArray<readonly [string, string]> = [
    ["time", clockText(entry.startedAtMs)],
    ["method", methodText(entry.method)],
    ["status", statusText(entry)],
    ["duration", durationText(entry.durationMs)],
    ["messages", entry.isStream ? String(entry.messages) : ""],
  ];
  const kind = entry.error === undefined ? "fine" : "failed";
  return <LogRow {...place} name="requests" kind={kind} cells={cells} onClick={() => onChoose(entry.id)} />;
});
