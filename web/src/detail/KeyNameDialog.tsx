import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { equalBytes, fromDisplay, toDisplay } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { Banner, Button, CheckboxField, Dialog, KeyText, TextField } from "../ui/index.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type KeyRecord, leaseText, recordOf } from "./record.ts";
import { readsOf, renameTxn, saveTxn } from "./txns.ts";

interface KeyNameDialogProps {
  readonly mode: "rename" | "clone";
  readonly record: KeyRecord;
  readonly onClose: () => void;
  /** @param undo takes a rename back; undefined for a clone, which is deleted like any key */
  readonly onDone: (key: Uint8Array, title: string, undo: (() => void) | undefined) => void;
}

/** A value under another name, in place of its own or beside it; never over a key that is there. */
export default function KeyNameDialog({ mode, record, onClose, onDone }: KeyNameDialogProps) {
  const [text, setText] = useState(() => toDisplay(record.key));
  const [keepsLease, setKeepsLease] = useState(true);
  const key = fromDisplay(text);
  const { failure, isSending, move } = useMove({ mode, record, onDone });
  const isReady = key.length > 0 && !equalBytes(key, record.key) && !isSending;
  const send = (): void => {
    if (isReady) move(key, keepsLease);
  };
  const verb = mode === "rename" ? "Rename" : "Clone";
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${verb} a key`}
      description={<KeyText bytes={record.key} />}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={!isReady} onClick={send}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {failure !== undefined && (
          <Banner tone="danger" title={failure.title}>
            {failure.detail}
          </Banner>
        )}
        <TextField
          label="New key"
          mono
          autoFocus
          value={text}
          onChange={setText}
          hint="\xNN is a byte, \\ a backslash."
        />
        {mode === "clone" && record.lease !== 0n && (
          <CheckboxField
            label={`With the same lease, ${leaseText(record.lease)}`}
            checked={keepsLease}
            onChange={setKeepsLease}
          />
        )}
        <p className="muted">
          {mode === "rename"
            ? "One txn: the value goes to the new key with its lease, and the old key is deleted. Version and create revision begin anew."
            : "The value as it is now; version and create revision begin anew."}
        </p>
      </form>
    </Dialog>
  );
}

function useMove({ mode, record, onDone }: Omit<KeyNameDialogProps, "onClose">) {
  const { clients } = useConnection();
  const [failure, setFailure] = useState<Failure>();
  const [isSending, setSending] = useState(false);
  const move = async (key: Uint8Array, keepsLease: boolean): Promise<void> => {
    setSending(true);
    try {
      const refused =
        mode === "rename" ? await rename(clients, record, key) : await clone(clients, record, key, keepsLease);
      if (refused !== undefined) return setFailure(refused);
      const from = toDisplay(record.key);
      const to = toDisplay(key);
      if (mode === "clone") onDone(key, `Cloned ${from} to ${to}`, undefined);
      else onDone(key, `Renamed ${from} to ${to}`, () => void renameBack(clients, key, record.key, onDone));
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  };
  return { failure, isSending, move: (key: Uint8Array, keepsLease: boolean) => void move(key, keepsLease) };
}

/** Undefined when it is done. */
async function rename(clients: Clients, record: KeyRecord, to: Uint8Array): Promise<Failure | undefined> {
  const response = await clients.kv.txn(renameTxn(record, to));
  if (response.succeeded) return undefined;
  const [there] = readsOf(response);
  return there === undefined ? CHANGED : taken(to);
}

async function clone(
  clients: Clients,
  record: KeyRecord,
  to: Uint8Array,
  lease: boolean,
): Promise<Failure | undefined> {
  const write = { key: to, value: record.value, lease: lease ? record.lease : 0n, base: undefined };
  const response = await clients.kv.txn(saveTxn(write));
  return response.succeeded ? undefined : taken(to);
}

const CHANGED: Failure = {
  title: "The key was changed meanwhile",
  detail: "Nothing was renamed. Look at its new value first.",
};

function taken(key: Uint8Array): Failure {
  return { title: "There is such a key already", detail: `${toDisplay(key)} is left as it is. Choose another name.` };
}

async function renameBack(
  clients: Clients,
  from: Uint8Array,
  to: Uint8Array,
  onDone: KeyNameDialogProps["onDone"],
): Promise<void> {
  try {
    const { kvs } = await clients.kv.range({ key: from });
    const refused = kvs[0] === undefined ? CHANGED : await rename(clients, recordOf(kvs[0]), to);
    if (refused === undefined) onDone(to, `Renamed back to ${toDisplay(to)}`, undefined);
    else toast({ tone: "danger", ...refused });
  } catch (error) {
    toast({ tone: "danger", ...failureOf(error) });
  }
}
