import { useState } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { fromDisplay, toDisplay } from "../store/bytes.ts";
import { Banner, Button, Dialog, SelectField, TextField } from "../ui/index.ts";
import { FORM_LABELS, FORMS, type Form, fromForm } from "../values/index.ts";
import type { LeaseChoice } from "./drafts.ts";
import { type Failure, failureOf } from "./failure.ts";
import { LeaseField } from "./LeaseField.tsx";
import { leaseFor } from "./lease.ts";
import { saveOutcome, saveTxn } from "./txns.ts";

interface NewKeyDialogProps {
  /** What the key begins with, to be typed on. */
  readonly prefix: Uint8Array;
  readonly onClose: () => void;
  readonly onMade: (key: Uint8Array) => void;
}

/** A key that was not there before: a txn on create_revision = 0 sees to that. */
export default function NewKeyDialog({ prefix, onClose, onMade }: NewKeyDialogProps) {
  const [keyText, setKeyText] = useState(() => toDisplay(prefix));
  const [form, setForm] = useState<Form>("text");
  const [valueText, setValueText] = useState("");
  const [lease, setLease] = useState<LeaseChoice>({ kind: "keep" });
  const key = fromDisplay(keyText);
  const value = fromForm(valueText, form);
  const { failure, isTaken, send } = useCreate(onMade);
  const create = (): void => {
    if (key.length > 0 && "bytes" in value) send(key, value.bytes, lease);
  };
  useAction({ id: "key.save", title: "Create the key", group: "Key", shortcut: "mod+s", run: create });
  return (
    <Dialog
      open
      onClose={onClose}
      title="New key"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={key.length === 0 || "error" in value} onClick={create}>
            Create
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create();
        }}
      >
        {failure !== undefined && (
          <Banner tone="danger" title={failure.title} actions={isTaken && <OpenIt keyBytes={key} onClose={onClose} />}>
            {failure.detail}
          </Banner>
        )}
        <TextField
          label="Key"
          mono
          autoFocus
          value={keyText}
          onChange={setKeyText}
          hint="\xNN is a byte, \\ a backslash."
        />
        <TextField
          label="Value"
          mono
          rows={8}
          value={valueText}
          onChange={setValueText}
          error={"error" in value ? value.error : undefined}
        />
        <div className="row row-wrap detail-fields">
          <SelectField
            label="Value typed as"
            value={form}
            options={FORMS.map((one) => ({ value: one, label: FORM_LABELS[one] }))}
            onChange={setForm}
          />
          <LeaseField choice={lease} held={0n} onChange={setLease} />
        </div>
      </form>
    </Dialog>
  );
}

function OpenIt({ keyBytes, onClose }: { readonly keyBytes: Uint8Array; readonly onClose: () => void }) {
  const open = (): void => {
    onClose();
    go({ key: keyBytes, tab: "value" });
  };
  return (
    <Button small onClick={open}>
      Open it
    </Button>
  );
}

function useCreate(onMade: (key: Uint8Array) => void) {
  const { clients } = useConnection();
  const [failure, setFailure] = useState<Failure>();
  const [isTaken, setTaken] = useState(false);
  const [isSending, setSending] = useState(false);
  const send = async (key: Uint8Array, value: Uint8Array, choice: LeaseChoice): Promise<void> => {
    if (isSending) return;
    setSending(true);
    try {
      const write = { key, value, base: undefined, lease: await leaseFor(clients, choice, undefined) };
      const outcome = saveOutcome(write, await clients.kv.txn(saveTxn(write)));
      if (outcome.kind === "saved") {
        toast({ tone: "success", title: `Created ${toDisplay(key)}`, detail: `It is revision ${outcome.revision}.` });
        return onMade(key);
      }
      setTaken(true);
      setFailure({ title: "There is such a key already", detail: "It is left as it is." });
    } catch (error) {
      setTaken(false);
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  };
  return {
    failure,
    isTaken,
    send: (key: Uint8Array, value: Uint8Array, choice: LeaseChoice) => void send(key, value, choice),
  };
}
