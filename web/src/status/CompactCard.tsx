import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { Button, CheckboxField, Confirm, TextField, useCell } from "../ui/index.ts";
import { readRevision } from "./readRevision.ts";
import type { Position } from "./usePosition.ts";

/** Drops history below a revision, after saying what goes. */
export function CompactCard({ position }: { readonly position: Position }) {
  const { clients, revision: newest } = useConnection();
  const revision = useCell(newest);
  const [text, setText] = useState("");
  const [physical, setPhysical] = useState(true);
  const [asking, setAsking] = useState(false);
  const at = readRevision(text);
  const compacted = position.compactRevision.value ?? 0;
  const error = text.trim() === "" ? undefined : problem(at, compacted, revision);
  const compact = async (): Promise<void> => {
    try {
      await clients.kv.compact({ revision: BigInt(at ?? 0), physical });
      setText("");
      toast({ tone: "success", title: `Compacted: revisions below ${at} cannot be read any more` });
    } catch (failure) {
      toast({ tone: "danger", title: "Nothing was compacted", detail: ConnectError.from(failure).rawMessage });
    }
    position.reload();
  };
  const goes = at === undefined ? "" : whatGoes(at, compacted);
  return (
    <section className="card" aria-label="Compaction">
      <h2>Compaction</h2>
      <p className="muted">
        Drops the history before a revision to free space. Keys keep the values they have; how they were before cannot
        be read, watched or restored any more.
      </p>
      <div className="status-form">
        <TextField
          label="Compact up to revision"
          value={text}
          onChange={setText}
          placeholder={`At most ${revision}`}
          error={error}
        />
        <Button disabled={revision <= compacted} onClick={() => setText(String(revision))}>
          Newest
        </Button>
      </div>
      <CheckboxField
        label="Wait until the old revisions are gone from storage (physical)"
        checked={physical}
        onChange={setPhysical}
      />
      {at !== undefined && error === undefined && <p aria-live="polite">{goes}</p>}
      <div className="row">
        <Button tone="danger" disabled={at === undefined || error !== undefined} onClick={() => setAsking(true)}>
          Compact…
        </Button>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Compact up to revision ${at}?`}
        verb="Compact"
        danger
        typed={String(at)}
        onConfirm={() => void compact()}
      >
        <p>{goes} This cannot be undone.</p>
      </Confirm>
    </section>
  );
}

function whatGoes(at: number, compacted: number): string {
  const first = Math.max(1, compacted);
  const count = at - first;
  if (count <= 0) return `Revisions below ${at} cannot be read any more.`;
  const range = count === 1 ? `revision ${first}` : `${count.toLocaleString("en")} revisions, ${first} to ${at - 1}`;
  return `Revisions below ${at} cannot be read any more: ${range}. Watches that start there are cancelled.`;
}

function problem(at: number | undefined, compacted: number, newest: number): string | undefined {
  if (at === undefined) return "A whole number from 1 on";
  if (at > newest) return `The store is only at revision ${newest}`;
  return at <= compacted ? `Revision ${compacted} is compacted already` : undefined;
}
