import { useConnection } from "../app/context.ts";
import { AlarmsCard } from "./AlarmsCard.tsx";
import { CompactCard } from "./CompactCard.tsx";
import { DefragmentCard } from "./DefragmentCard.tsx";
import { EndpointCard } from "./EndpointCard.tsx";
import { HashCard } from "./HashCard.tsx";
import { MembersCard } from "./MembersCard.tsx";
import { StorageCard } from "./StorageCard.tsx";
import { usePosition } from "./usePosition.ts";

/** How the store is, and its upkeep. */
export default function StatusScreen() {
  const { browserStore } = useConnection();
  const position = usePosition();
  return (
    <div className="screen">
      <div className="screen-inner">
        <EndpointCard position={position} />
        <AlarmsCard reloadStatus={position.status.reload} />
        {browserStore !== undefined && <StorageCard store={browserStore} reloadStatus={position.reload} />}
        <MembersCard />
        <HashCard />
        <CompactCard position={position} />
        <DefragmentCard reloadStatus={position.status.reload} />
      </div>
    </div>
  );
}
