import { useConnection } from "../app/context.ts";
import { ExportCard } from "./ExportCard.tsx";
import { ImportCard } from "./ImportCard.tsx";
import { SnapshotCard } from "./SnapshotCard.tsx";
import { StoreFileCard } from "./StoreFileCard.tsx";
import "./transfer.css";

/** Keys out of the store into files, and back; the whole of it too. */
export default function TransferScreen() {
  const { browserStore } = useConnection();
  return (
    <div className="screen">
      <div className="screen-inner">
        <ExportCard />
        <ImportCard />
        <SnapshotCard />
        {browserStore !== undefined && <StoreFileCard store={browserStore} />}
      </div>
    </div>
  );
}
