import { useState } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { Banner, Button, Dialog, KeyText } from "../ui/index.ts";
import { ConflictDialog } from "./ConflictDialog.tsx";
import { DiffView } from "./DiffView.tsx";
import type { LeaseChoice } from "./drafts.ts";
import { type Failure, failureOf } from "./failure.ts";
import { leaseChange, leaseFor } from "./lease.ts";
import type { KeyRecord } from "./record.ts";
import { saveOutcome, saveTxn } from "./txns.ts";

export interface Proposal {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly base: KeyRecord | undefined;
  readonly lease: LeaseChoice;
}

interface SaveFlowProps {
  readonly proposal: Proposal;
  readonly title: string;
  readonly verb: string;
  /** Told of the revision it was saved in. */
  readonly onSaved: (revision: number) => void | Promise<void>;
  /** Left, with nothing written. */
  readonly onClose: () => void;
  /** The user took what somebody else wrote. */
  readonly onTakeTheirs: () => void;
}

const NO_VALUE = new Uint8Array();

/** From a value that is to be written to one that is: its diff first, then a guarded txn, and conflicts settled. */
export default function SaveFlow({ proposal, title, verb, onSaved, onClose, onTakeTheirs }: SaveFlowProps) {
  const { failure, isSending, conflict, save } = useSave(proposal, onSaved);
  useAction({ id: "key.save", title: verb, group: "Key", shortcut: "mod+s", run: () => save(proposal) }, !conflict);
  if (conflict !== undefined) {
    return (
      <ConflictDialog
        mine={proposal.value}
        base={proposal.base}
        theirs={conflict.theirs}
        failure={failure}
        isSending={isSending}
        onTheirs={onTakeTheirs}
        onWrite={(value) => save({ ...proposal, value, base: conflict.theirs })}
        onClose={onClose}
      />
    );
  }
  const change = leaseChange(proposal.lease, proposal.base);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={title}
      description={<KeyText bytes={proposal.key} />}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={isSending} onClick={() => save(proposal)} autoFocus>
            {verb}
          </Button>
        </>
      }
    >
      {failure !== undefined && (
        <Banner tone="danger" title={failure.title}>
          {failure.detail}
        </Banner>
      )}
      {change !== undefined && <p>Lease: {change}</p>}
      <DiffView before={proposal.base?.value ?? NO_VALUE} after={proposal.value} label="Changes" />
      <p className="muted">
        {proposal.base === undefined
          ? "It is written only if there is still no such key."
          : `It is written only if the key is still at revision ${proposal.base.modRevision}.`}
      </p>
    </Dialog>
  );
}

interface Saving {
  readonly failure: Failure | undefined;
  readonly isSending: boolean;
  /** Somebody was there first. */
  readonly conflict: { readonly theirs: KeyRecord | undefined } | undefined;
  readonly save: (proposal: Proposal) => void;
}

function useSave(proposal: Proposal, onSaved: SaveFlowProps["onSaved"]): Saving {
  const { clients } = useConnection();
  const [failure, setFailure] = useState<Failure>();
  const [isSending, setSending] = useState(false);
  const [conflict, setConflict] = useState<{ readonly theirs: KeyRecord | undefined }>();
  // A lease is granted once, however often the write is tried.
  const [granted, setGranted] = useState<bigint>();
  const send = async (wanted: Proposal): Promise<void> => {
    setSending(true);
    setFailure(undefined);
    try {
      const choice = granted === undefined ? proposal.lease : { kind: "lease" as const, id: granted };
      const lease = await leaseFor(clients, choice, wanted.base);
      if (proposal.lease.kind === "new") setGranted(lease);
      const write = { key: wanted.key, value: wanted.value, base: wanted.base, lease };
      const outcome = saveOutcome(write, await clients.kv.txn(saveTxn(write)));
      if (outcome.kind === "saved") await onSaved(outcome.revision);
      else setConflict({ theirs: outcome.theirs });
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  };
  return { failure, isSending, conflict, save: (wanted) => !isSending && void send(wanted) };
}
