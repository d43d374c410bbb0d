import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";
import type { Member } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { Badge, Banner, Button, IconButton, Menu } from "../ui/index.ts";
import { MemberDialogs, type MemberTask } from "./MemberDialogs.tsx";
import { useLoaded } from "./useLoaded.ts";

/** The cluster's members, and what changes who they are. */
export function MembersCard() {
  const { clients, id } = useConnection();
  const list = useLoaded((signal) => clients.cluster.memberList({ linearizable: true }, { signal }), id);
  const [task, setTask] = useState<MemberTask>();
  const add = (): void => setTask({ kind: "add" });
  useAction({ id: "status.member.add", title: "Add a member…", group: "Store", run: add });
  const members = list.value?.members ?? [];
  useMemberAction("update", "Change a member’s peer URLs…", members, setTask);
  useMemberAction("promote", "Promote a learner…", members, setTask);
  useMemberAction("remove", "Remove a member…", members, setTask);
  return (
    <section className="card" aria-label="Members">
      <div className="row">
        <h2 className="grow">Members</h2>
        <Button icon={<Plus aria-hidden />} onClick={add}>
          Add a member
        </Button>
      </div>
      {list.error !== undefined && <Banner tone="warning">{list.error}</Banner>}
      <ul className="status-members">
        {members.map((member) => (
          <MemberItem key={member.ID.toString()} member={member} onTask={setTask} />
        ))}
      </ul>
      {task !== undefined && (
        <MemberDialogs
          task={task}
          members={members}
          onTask={setTask}
          onClose={() => setTask(undefined)}
          onDone={list.reload}
        />
      )}
    </section>
  );
}

function useMemberAction(
  kind: "update" | "promote" | "remove",
  title: string,
  members: readonly Member[],
  onTask: (task: MemberTask) => void,
): void {
  const run = (): void => onTask({ kind, member: undefined });
  useAction({ id: `status.member.${kind}`, title, group: "Store", run }, members.length > 0);
}

interface MemberItemProps {
  readonly member: Member;
  readonly onTask: (task: MemberTask) => void;
}

function MemberItem({ member, onTask }: MemberItemProps) {
  const { ID, name, peerURLs, clientURLs, isLearner } = member;
  const id = ID.toString(16);
  return (
    <li>
      <div className="row">
        <div className="row row-wrap grow">
          <strong>{name || "not started"}</strong>
          <code>{id}</code>
          <Badge tone={isLearner ? "info" : "neutral"}>{isLearner ? "learner" : "voter"}</Badge>
        </div>
        <Menu
          trigger={
            <IconButton small label={`Actions for the member ${name || id}`} tip={false}>
              <EllipsisVertical />
            </IconButton>
          }
          items={[
            { label: "Change the peer URLs…", onSelect: () => onTask({ kind: "update", member }) },
            { label: "Promote to a voter…", disabled: !isLearner, onSelect: () => onTask({ kind: "promote", member }) },
            "separator",
            { label: "Remove…", danger: true, onSelect: () => onTask({ kind: "remove", member }) },
          ]}
        />
      </div>
      <Urls label="Clients" urls={clientURLs} />
      <Urls label="Peers" urls={peerURLs} />
    </li>
  );
}

function Urls({ label, urls }: { readonly label: string; readonly urls: readonly string[] }) {
  if (urls.length === 0) return null;
  return (
    <p>
      <span className="muted">{label}: </span>
      <code>{urls.join(", ")}</code>
    </p>
  );
}
