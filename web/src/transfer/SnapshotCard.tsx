import { ConnectError } from "@connectrpc/connect";
import { Camera } from "lucide-react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { sizeText } from "../store/bytes.ts";
import type { Connection } from "../store/connection.ts";
import { Banner, Button } from "../ui/index.ts";
import { ProgressRow } from "./ProgressRow.tsx";
import { openSink } from "./sink.ts";
import { type SavedSnapshot, saveSnapshot } from "./snapshot.ts";
import { type Report, useTask } from "./task.ts";

/** Everything as etcd's own tools take it: keys with their history, leases, users and roles. */
export function SnapshotCard() {
  const connection = useConnection();
  const task = useTask<SavedSnapshot>();
  const { state } = task;
  const isRunning = state.phase === "running";
  const save = (): void => void task.run((report, signal) => toFile(connection, report, signal));
  useAction({ id: "transfer.snapshot", title: "Save a snapshot", group: "Store", run: save }, !isRunning);
  return (
    <section className="card" aria-label="Snapshot">
      <h2>Snapshot</h2>
      <p className="muted">
        The whole database in one file, as <code>etcdctl snapshot save</code> writes it: keys and their history, leases,
        users and roles. <code>etcdutl snapshot restore</code> and <code>etcdlite --from-snapshot</code> start from it,
        and a store in this browser opens it. It tells all keys and the hashes of all passwords: keep it safe.
      </p>
      <div className="row">
        <Button tone="primary" icon={<Camera aria-hidden />} disabled={isRunning} onClick={save}>
          Save a snapshot
        </Button>
      </div>
      {state.phase === "running" && (
        <ProgressRow label="Saved" done={state.done} total={state.total} inWords={sizeText} onCancel={task.cancel} />
      )}
      {state.phase === "cancelled" && <Banner title="Cancelled">No file was written.</Banner>}
      {state.phase === "failed" && (
        <Banner tone="danger" title="No snapshot was saved">
          {state.message}
        </Banner>
      )}
      {state.phase === "done" && (
        <Banner tone="success" title={`A snapshot of ${sizeText(state.result.sizeBytes)} was saved`}>
          Its checksum is right{state.result.version !== "" && `; storage version ${state.result.version}`}.
        </Banner>
      )}
    </section>
  );
}

async function toFile(connection: Connection, report: Report, signal: AbortSignal): Promise<SavedSnapshot> {
  const { clients, revision, status } = connection;
  const name = `etcd-rev${revision.value}.db`;
  const sink = await openSink(name, "application/octet-stream", status.value.sizeBytes);
  try {
    const saved = await saveSnapshot(clients, sink, report, signal);
    await sink.finish();
    return saved;
  } catch (error) {
    await sink.abandon();
    // Cancelled, or what etcd says without its code.
    throw signal.aborted || !(error instanceof ConnectError) ? error : new Error(error.rawMessage);
  }
}
