import { useConnection } from "../app/context.ts";
import { ExportCard } from "./ExportCard.tsx";
import { ImportCard } from "./ImportCard.tsx";
import { StoreFileCard } from "./StoreFileCard.tsx";
import "./transfer.css";

/** Keys out of the store into files, and back. */
export default function TransferScreen() {
  const { browserStore } = useConnection();
  return (
    <div className="screen">
      <div className="screen-inner">
        <ExportCard />
        <ImportCard />
        {browserStore !== undefined && <StoreFileCard store={browserStore} />}
        <section className="card" aria-label="etcd snapshots">
          <h2>etcd snapshots</h2>
          <p className="muted">
            Snapshot files of etcdctl snapshot save cannot be opened or written yet: they come with a later version. To
            move the keys of an etcd, run <code>etcdctl get --prefix "" --write-out=json</code> there and import what it
            prints.
          </p>
        </section>
      </div>
    </div>
  );
}
