import { ArrowRightLeft, Eraser } from "lucide-react";
import { useMemo, useState } from "react";
import { useConnection } from "../app/context.ts";
import { CheckboxField, EmptyState, IconButton, TextField, useCell } from "../ui/index.ts";
import { filtered, type RequestFilter } from "./filter.ts";
import { RequestDetail } from "./RequestDetail.tsx";
import { RequestList } from "./RequestList.tsx";
import "./requests.css";

/** Every call that the page makes, as it goes over the wire. */
export default function RequestsPanel() {
  const { requests } = useConnection();
  const entries = useCell(requests.entries);
  const [filter, setFilter] = useState<RequestFilter>({ text: "", background: false });
  const [chosenId, setChosenId] = useState<number>();
  const shown = useMemo(() => filtered(entries, filter), [entries, filter]);
  const chosen = shown.find(({ id }) => id === chosenId);
  const hidden = entries.length - shown.length;
  return (
    <div className="requests">
      <div className="requests-bar">
        <TextField
          bare
          label="Filter by method or error"
          placeholder="Method or error"
          value={filter.text}
          onChange={(text) => setFilter((held) => ({ ...held, text }))}
        />
        <CheckboxField
          label="Background calls"
          checked={filter.background}
          onChange={(background) => setFilter((held) => ({ ...held, background }))}
        />
        <span className="grow muted requests-count">
          {shown.length === 1 ? "1 call" : `${shown.length} calls`}
          {hidden > 0 && `, ${hidden} hidden`}
        </span>
        <IconButton label="Clear the list" onClick={() => requests.clear()}>
          <Eraser />
        </IconButton>
      </div>
      <div className="requests-body">
        {shown.length === 0 ? (
          <EmptyState icon={<ArrowRightLeft aria-hidden />} title="No calls to show">
            What the page asks of the store is listed here, with its request, its response and how to send it yourself.
          </EmptyState>
        ) : (
          <RequestList entries={shown} chosenId={chosenId} onChoose={setChosenId} />
        )}
        {chosen !== undefined && <RequestDetail entry={chosen} onClose={() => setChosenId(undefined)} />}
      </div>
    </div>
  );
}
