import { useEffect, useRef, useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { errorText } from "../deletion/words.ts";
import { equalBytes } from "../store/bytes.ts";
import { recordOf } from "./record.ts";
import SaveFlow, { type Proposal } from "./SaveFlow.tsx";

interface RestoreFlowProps {
  readonly keyBytes: Uint8Array;
  readonly value: Uint8Array;
  /** Where the value is from. */
  readonly revision: number;
  readonly onSaved: (revision: number) => void;
  readonly onClose: () => void;
}

/** Writes an earlier value as a new version, over the key as it is now. */
export default function RestoreFlow({ keyBytes, value, revision, onSaved, onClose }: RestoreFlowProps) {
  const { clients } = useConnection();
  const [proposal, setProposal] = useState<Proposal>();
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    let left = false;
    const look = async (): Promise<void> => {
      try {
        const { kvs } = await clients.kv.range({ key: keyBytes });
        if (left) return;
        const base = kvs[0] === undefined ? undefined : recordOf(kvs[0]);
        if (base !== undefined && equalBytes(base.value, value)) {
          toast({ title: `The key has the value of revision ${revision} already` });
          close.current();
        } else setProposal({ key: keyBytes, value, base, lease: { kind: "keep" } });
      } catch (error) {
        if (left) return;
        toast({ tone: "danger", title: "Not restored", detail: errorText(error) });
        close.current();
      }
    };
    void look();
    return () => {
      left = true;
    };
  }, [clients, keyBytes, value, revision]);
  if (proposal === undefined) return null;
  return (
    <SaveFlow
      proposal={proposal}
      title={`Restore revision ${revision}?`}
      verb="Restore"
      onSaved={(saved) => {
        toast({ tone: "success", title: `Restored revision ${revision}`, detail: `It is revision ${saved} now.` });
        onSaved(saved);
      }}
      onClose={onClose}
      onTakeTheirs={onClose}
    />
  );
}
