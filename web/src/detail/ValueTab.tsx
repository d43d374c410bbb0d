import { useMemo, useState } from "react";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { mapKey, toDisplay } from "../store/bytes.ts";
import { Badge, Button, CopyButton, EmptyState, SelectField, useCell } from "../ui/index.ts";
import { detect, toForm, ValueReader, VIEW_LABELS, type View, viewsOf } from "../values/index.ts";
import { draftId, drafts, newDraft, setDraft } from "./drafts.ts";
import type { KeyRecord } from "./record.ts";
import { ValueEditor } from "./ValueEditor.tsx";

interface ValueTabProps {
  readonly keyBytes: Uint8Array;
  /** Undefined where there is no such key. */
  readonly record: KeyRecord | undefined;
  /** The revision that this is known of. */
  readonly readAt: number;
  readonly isPast: boolean;
  readonly refresh: () => Promise<void>;
}

/** The value to read, or its draft to edit. */
export function ValueTab({ keyBytes, record, readAt, isPast, refresh }: ValueTabProps) {
  const { id: connectionId } = useConnection();
  const id = draftId(connectionId, keyBytes);
  const draft = useCell(drafts).get(id);
  if (draft !== undefined && !isPast) {
    return (
      <ValueEditor
        keyBytes={keyBytes}
        record={record}
        draft={draft}
        onDraft={(next) => setDraft(id, next)}
        refresh={refresh}
      />
    );
  }
  if (record === undefined) {
    return (
      <EmptyState
        title={isPast ? "The key was not there" : "There is no such key"}
        actions={
          !isPast && (
            <>
              <Button onClick={() => go({ tab: "history" }, { replace: true })}>History</Button>
              <Button onClick={() => setDraft(id, newDraft(undefined))}>Create it</Button>
            </>
          )
        }
      >
        {`${toDisplay(keyBytes)} ${isPast ? "was not there" : "is not there"} at revision ${readAt}. What it was before is in its history.`}
      </EmptyState>
    );
  }
  return <ReadValue record={record} />;
}

function ReadValue({ record }: { readonly record: KeyRecord }) {
  const { key, value } = record;
  const detection = useMemo(() => detect(value), [value]);
  const [chosen, setChosen] = useState<View>();
  const views = viewsOf(detection);
  // The value may become another kind under the reader.
  const view = chosen !== undefined && views.includes(chosen) ? chosen : (views[0] ?? "hex");
  return (
    <>
      <div className="detail-bar">
        <Badge>{detection.label}</Badge>
        <SelectField
          label="View"
          bare
          value={view}
          options={views.map((one) => ({ value: one, label: VIEW_LABELS[one] }))}
          onChange={setChosen}
        />
        <span className="grow" />
        <CopyButton
          label={detection.text === undefined ? "Copy value as base64" : "Copy value"}
          text={() => detection.text ?? toForm(value, "base64") ?? ""}
        />
      </div>
      <ValueReader bytes={value} detection={detection} view={view} scope={mapKey(key)} />
    </>
  );
}
