import { Banner, Button, SelectField, TextField } from "../ui/index.ts";
import { FilePicker } from "./FilePicker.tsx";
import { ImportPreview } from "./ImportPreview.tsx";
import { ImportReportView } from "./ImportReportView.tsx";
import { ProgressRow } from "./ProgressRow.tsx";
import { formatNamed } from "./record.ts";
import { type Import, useImport } from "./useImport.ts";

/** A file of keys into the store: shown first, written then, each key guarded. */
export function ImportCard() {
  const held = useImport();
  const { chosen, refused, preview, write } = held;
  const busy = write.state.phase === "running";
  return (
    <section className="card" aria-label="Import">
      <h2>Import</h2>
      <p className="muted">
        JSON lines, JSON, etcdctl put scripts, and what etcdctl get --write-out=json prints. Nothing is written before
        you have seen what would change. Leases belong to a store and are not taken along.
      </p>
      <ImportFields held={held} disabled={busy} />
      <FilePicker label="Choose a file" disabled={busy} onChoose={(file) => void held.choose(file)} />
      {refused !== undefined && (
        <Banner tone="danger" title="This file cannot be imported">
          {refused}
        </Banner>
      )}
      {chosen !== undefined && (
        <p>
          <strong>{chosen.file.name}</strong> <span className="muted">{formatNamed(chosen.format).label}</span>{" "}
          {preview.state.phase === "idle" && (
            <Button small onClick={held.previewAgain}>
              Preview again
            </Button>
          )}
        </p>
      )}
      <PreviewState held={held} />
      <WriteState held={held} />
    </section>
  );
}

function PreviewState({ held }: { readonly held: Import }) {
  const { preview, shown, write, fields } = held;
  const { state } = preview;
  if (state.phase === "running") {
    return <ProgressRow label="Compared" done={state.done} total={undefined} onCancel={preview.cancel} />;
  }
  if (state.phase === "failed") {
    return (
      <Banner tone="danger" title="The preview failed">
        {state.message}
      </Banner>
    );
  }
  if (shown === undefined || write.state.phase !== "idle") return null;
  return <ImportPreview preview={shown} existing={fields.existing} onImport={held.start} />;
}

function WriteState({ held }: { readonly held: Import }) {
  const { write, shown, fields } = held;
  const { state } = write;
  if (shown === undefined) return null;
  if (state.phase === "running") {
    const total = shown.counts.new + (fields.existing === "overwrite" ? shown.counts.changed : 0);
    return <ProgressRow label="Imported" done={state.done} total={total} onCancel={write.cancel} />;
  }
  if (state.phase === "failed") {
    return (
      <Banner tone="danger" title="The import failed">
        {state.message}
      </Banner>
    );
  }
  return state.phase === "done" ? <ImportReportView report={state.result} before={shown.revision} /> : null;
}

function ImportFields({ held, disabled }: { readonly held: Import; readonly disabled: boolean }) {
  const { fields, change } = held;
  return (
    <div className="transfer-fields">
      <TextField
        label="Replace this prefix"
        value={fields.from}
        onChange={(from) => change({ from })}
        placeholder="None"
        hint="Only of keys that begin with it"
        disabled={disabled}
        mono
      />
      <TextField
        label="By this one"
        value={fields.to}
        onChange={(to) => change({ to })}
        placeholder="None"
        hint="With nothing to replace: put before every key"
        disabled={disabled}
        mono
      />
      <SelectField
        label="Keys that are there"
        value={fields.existing}
        onChange={(existing) => change({ existing })}
        options={[
          { value: "skip", label: "Leave as they are" },
          { value: "overwrite", label: "Overwrite" },
        ]}
        disabled={disabled}
      />
    </div>
  );
}
