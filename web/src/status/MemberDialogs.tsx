import { useState } from "react";
import type { Member } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { CheckboxField, TextField } from "../ui/index.ts";
import { PickDialog } from "../ui/pickdialog.tsx";

/** What is being done with the members; without a member it is asked which. */
export type MemberTask =
  | { readonly kind: "add" }
  | { readonly kind: "update" | "promote" | "remove"; readonly member: Member | undefined };

interface MemberDialogsProps {
  readonly task: MemberTask;
  readonly members: readonly Member[];
  readonly onTask: (task: MemberTask) => void;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const TITLES = {
  update: "Change a member’s peer URLs",
  promote: "Promote a learner",
  remove: "Remove a member",
};

export function MemberDialogs({ task, members, onTask, onClose, onDone }: MemberDialogsProps) {
  const done = (title: string): void => {
    toast({ tone: "success", title });
    onDone();
  };
  if (task.kind === "add") return <AddDialog onDone={done} onClose={onClose} />;
  const { kind, member } = task;
  if (member === undefined) {
    return (
      <PickDialog
        title={TITLES[kind]}
        label="Member"
        options={members.map(nameOf)}
        onPick={(_, at) => onTask({ kind, member: members[at] })}
        onClose={onClose}
      />
    );
  }
  switch (kind) {
    case "update":
      return <UpdateDialog member={member} onDone={done} onClose={onClose} />;
    case "promote":
      return <PromoteDialog member={member} onDone={done} onClose={onClose} />;
    case "remove":
      return <RemoveDialog member={member} onDone={done} onClose={onClose} />;
  }
}

function nameOf({ ID, name }: Member): string {
  const id = ID.toString(16);
  return name === "" ? id : `${name} (${id})`;
}

/** As they are typed: by commas, spaces or lines. */
function urlsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((url) => url !== "");
}

interface OneProps {
  readonly onDone: (title: string) => void;
  readonly onClose: () => void;
}

const URLS_HINT = "Where the other members reach it; several by commas.";

function AddDialog({ onDone, onClose }: OneProps) {
  const { clients } = useConnection();
  const [urls, setUrls] = useState("");
  const [isLearner, setLearner] = useState(true);
  const act = async (): Promise<void> => {
    const { member } = await clients.cluster.memberAdd({ peerURLs: urlsOf(urls), isLearner });
    onDone(`Member ${member?.ID.toString(16)} was added: start it with --initial-cluster-state existing`);
  };
  return (
    <ActDialog
      title="Add a member"
      description="The cluster is told of it first; the member itself is started then, with the name and the cluster’s URLs."
      verb="Add"
      ready={urlsOf(urls).length > 0}
      onClose={onClose}
      act={act}
    >
      {(failure) => (
        <>
          <TextField
            label="Peer URLs"
            value={urls}
            onChange={setUrls}
            placeholder="http://10.0.0.2:2380"
            hint={URLS_HINT}
            error={failure}
            autoFocus
            mono
          />
          <CheckboxField
            label="As a learner, without a vote until it is promoted"
            checked={isLearner}
            onChange={setLearner}
          />
          {!isLearner && (
            <p className="muted">
              A voter counts from now on: until it has started, a cluster of one or two has no quorum for further
              changes of its members.
            </p>
          )}
        </>
      )}
    </ActDialog>
  );
}

interface MemberProps extends OneProps {
  readonly member: Member;
}

function UpdateDialog({ member, onDone, onClose }: MemberProps) {
  const { clients } = useConnection();
  const [urls, setUrls] = useState(member.peerURLs.join(", "));
  const act = async (): Promise<void> => {
    await clients.cluster.memberUpdate({ ID: member.ID, peerURLs: urlsOf(urls) });
    onDone(`The peer URLs of ${nameOf(member)} were changed`);
  };
  return (
    <ActDialog
      title={`Peer URLs of ${nameOf(member)}`}
      verb="Change"
      ready={urlsOf(urls).length > 0}
      onClose={onClose}
      act={act}
    >
      {(failure) => (
        <TextField label="Peer URLs" value={urls} onChange={setUrls} hint={URLS_HINT} error={failure} autoFocus mono />
      )}
    </ActDialog>
  );
}

function PromoteDialog({ member, onDone, onClose }: MemberProps) {
  const { clients } = useConnection();
  const act = async (): Promise<void> => {
    await clients.cluster.memberPromote({ ID: member.ID });
    onDone(`${nameOf(member)} votes from now on`);
  };
  return (
    <ActDialog title={`Promote ${nameOf(member)}?`} verb="Promote" onClose={onClose} act={act}>
      <p>It gets a vote. That is refused until it has all that the leader has.</p>
    </ActDialog>
  );
}

function RemoveDialog({ member, onDone, onClose }: MemberProps) {
  const { clients } = useConnection();
  const id = member.ID.toString(16);
  const act = async (): Promise<void> => {
    await clients.cluster.memberRemove({ ID: member.ID });
    onDone(`${nameOf(member)} was removed`);
  };
  return (
    <ActDialog
      title={`Remove ${nameOf(member)}?`}
      verb="Remove"
      danger
      typed={member.name === "" ? undefined : id}
      onClose={onClose}
      act={act}
    >
      <p>
        {member.name === ""
          ? "It has not started yet."
          : "It stops, and what it holds is not taken back into the cluster: it would have to be added anew, and empty."}{" "}
        Its ID is not used again.
      </p>
    </ActDialog>
  );
}
