import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { type AlarmMember, AlarmRequest_AlarmAction, AlarmType } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { Badge, Banner, Button, Confirm } from "../ui/index.ts";
import { useLoaded } from "./useLoaded.ts";

const ALARM_TEXTS: Record<number, { readonly name: string; readonly meaning: string }> = {
  [AlarmType.NOSPACE]: { name: "NOSPACE", meaning: "The quota is used up: puts are refused until space is freed." },
  [AlarmType.CORRUPT]: { name: "CORRUPT", meaning: "Members disagree on the data: reads and writes are refused." },
};

/** Alarms raised, and the way to disarm them. */
export function AlarmsCard({ reloadStatus }: { readonly reloadStatus: () => void }) {
  const { clients, id } = useConnection();
  const [asking, setAsking] = useState<AlarmMember>();
  const alarms = useLoaded(
    (signal) => clients.maintenance.alarm({ action: AlarmRequest_AlarmAction.GET }, { signal }),
    id,
    10_000,
  );
  const disarm = async ({ memberID, alarm }: AlarmMember): Promise<void> => {
    try {
      await clients.maintenance.alarm({ action: AlarmRequest_AlarmAction.DEACTIVATE, memberID, alarm });
      toast({ tone: "success", title: `Alarm ${nameOf(alarm)} disarmed` });
    } catch (error) {
      toast({ tone: "danger", title: "The alarm was not disarmed", detail: ConnectError.from(error).rawMessage });
    }
    alarms.reload();
    reloadStatus();
  };
  const raised = alarms.value?.alarms ?? [];
  return (
    <section className="card" aria-label="Alarms">
      <h2>Alarms</h2>
      {alarms.error !== undefined && <Banner tone="warning">{alarms.error}</Banner>}
      {alarms.value !== undefined && raised.length === 0 && (
        <p>
          <Badge tone="success">None</Badge> <span className="muted">No alarm is raised.</span>
        </p>
      )}
      {raised.length > 0 && (
        <ul className="status-alarms">
          {raised.map((one) => (
            <li key={`${one.memberID} ${one.alarm}`}>
              <Badge tone="danger">{nameOf(one.alarm)}</Badge>
              <span className="grow">
                {ALARM_TEXTS[one.alarm]?.meaning} <span className="muted">Member {one.memberID.toString(16)}</span>
              </span>
              <Button small onClick={() => setAsking(one)}>
                Disarm…
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={`Disarm ${asking === undefined ? "" : nameOf(asking.alarm)}?`}
        verb="Disarm"
        onConfirm={() => asking !== undefined && void disarm(asking)}
      >
        <p>
          Free the space first: delete or compact, then defragment. While the cause is still there, the alarm comes back
          with the next write.
        </p>
      </Confirm>
    </section>
  );
}

function nameOf(alarm: number): string {
  return ALARM_TEXTS[alarm]?.name ?? `number ${alarm}`;
}
