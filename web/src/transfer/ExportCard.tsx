import { Download } from "lucide-react";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { useRoute } from "../app/route.ts";
import { fromDisplay, toDisplay } from "../store/bytes.ts";
import type { Connection } from "../store/connection.ts";
import { Banner, Button, SelectField, TextField, useCell } from "../ui/index.ts";
import { type Exported, type ExportRequest, exportRange } from "./export.ts";
import { exportFileName } from "./names.ts";
import { ProgressRow } from "./ProgressRow.tsx";
import { FORMATS, type FormatName, formatNamed } from "./record.ts";
import { openSink } from "./sink.ts";
import { type Report, type Task, type TaskState, useTask } from "./task.ts";

/** All keys, or those of a prefix, now or as they were, into a file. */
export function ExportCard() {
  const connection = useConnection();
  const route = useRoute();
  const newest = useCell(connection.revision);
  const [prefix, setPrefix] = useState(() => toDisplay(route.query));
  const [revision, setRevision] = useState(() => route.revision?.toString() ?? "");
  const [format, setFormat] = useState<FormatName>("jsonl");
  const task = useTask<Exported>();
  const at = revision.trim() === "" ? undefined : Number(revision);
  const valid = at === undefined || (Number.isSafeInteger(at) && at > 0);
  const running = task.state.phase === "running";
  const start = (): void => {
    const request = { prefix: fromDisplay(prefix), format, revision: at };
    void task.run((report, signal) => exportToFile(connection, request, report, signal));
  };
  return (
    <section className="card" aria-label="Export">
      <h2>Export</h2>
      <div className="transfer-fields">
        <TextField label="Prefix" value={prefix} onChange={setPrefix} placeholder="All keys" mono />
        <TextField
          label="At revision"
          value={revision}
          onChange={setRevision}
          placeholder={newest === 0 ? "Now" : `Now (${newest})`}
          error={valid ? undefined : "A whole number from 1 on"}
        />
        <SelectField
          label="Format"
          value={format}
          onChange={setFormat}
          options={FORMATS.map(({ name, label }) => ({ value: name, label }))}
        />
      </div>
      <p className="muted">{formatNamed(format).hint}</p>
      <div className="row">
        <Button tone="primary" icon={<Download />} disabled={!valid || running} onClick={start}>
          Export
        </Button>
      </div>
      <ExportState state={task.state} cancel={task.cancel} />
    </section>
  );
}

async function exportToFile(
  connection: Connection,
  request: ExportRequest,
  report: Report,
  signal: AbortSignal,
): Promise<Exported> {
  const { prefix, format, revision } = request;
  const name = exportFileName(prefix, format, revision);
  const sink = await openSink(name, formatNamed(format).mimeType, connection.status.value.sizeBytes);
  try {
    const progress = ({ done, total }: { readonly done: number; readonly total?: number }): void => report(done, total);
    const exported = await exportRange(connection.clients, request, sink, progress, signal);
    await sink.finish();
    return exported;
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

function ExportState({ state, cancel }: { readonly state: TaskState<Exported> } & Pick<Task<Exported>, "cancel">) {
  switch (state.phase) {
    case "idle":
      return null;
    case "running":
      return <ProgressRow label="Exported" done={state.done} total={state.total} onCancel={cancel} />;
    case "cancelled":
      return <Banner title="Export cancelled">No file was written.</Banner>;
    case "failed":
      return (
        <Banner tone="danger" title="The export failed">
          {state.message}. No file was written.
        </Banner>
      );
    case "done":
      return (
        <Banner tone="success" title={`Exported ${state.result.keys.toLocaleString("en")} keys`}>
          As they were at revision {state.result.revision}.
        </Banner>
      );
  }
}
