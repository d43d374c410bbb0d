import { ConnectError } from "@connectrpc/connect";
import { type FormEvent, useState } from "react";
import { useConnection } from "../app/context.ts";
import { Banner, Button, CopyButton, TextField, useCell } from "../ui/index.ts";
import { Facts } from "./Facts.tsx";
import { readRevision } from "./readRevision.ts";

type Outcome =
  | { readonly kind: "asking" }
  | { readonly kind: "hash"; readonly hash: number; readonly revision: number; readonly compacted: number }
  | { readonly kind: "failed"; readonly message: string };

/** HashKV: whether two stores hold the same keys with the same history. */
export function HashCard() {
  const { clients, revision: newest } = useConnection();
  const revision = useCell(newest);
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState<Outcome>();
  const at = text.trim() === "" ? 0 : readRevision(text);
  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (at === undefined) return;
    setOutcome({ kind: "asking" });
    try {
      const reply = await clients.maintenance.hashKV({ revision: BigInt(at) });
      const told = Number(reply.hashRevision) || at || Number(reply.header?.revision ?? 0n);
      setOutcome({ kind: "hash", hash: reply.hash, revision: told, compacted: Number(reply.compactRevision) });
    } catch (error) {
      setOutcome({ kind: "failed", message: ConnectError.from(error).rawMessage });
    }
  };
  return (
    <section className="card" aria-label="Hash">
      <h2>Hash of the keys</h2>
      <p className="muted">
        HashKV digests every key up to a revision. Two members with the same compact revision must give the same hash.
      </p>
      <form className="status-form" onSubmit={(event) => void ask(event)}>
        <TextField
          label="Revision to hash"
          value={text}
          onChange={setText}
          placeholder={`Newest (${revision})`}
          error={at === undefined ? "A whole number from 1 on" : undefined}
        />
        <Button type="submit" disabled={at === undefined || outcome?.kind === "asking"}>
          Hash
        </Button>
      </form>
      {outcome?.kind === "failed" && <Banner tone="danger">{outcome.message}</Banner>}
      {outcome?.kind === "hash" && (
        <Facts
          facts={[
            [
              "Hash",
              <span className="row" key="hash">
                <code>{outcome.hash}</code>
                <CopyButton text={String(outcome.hash)} label="Copy the hash" />
              </span>,
            ],
            ["At revision", outcome.revision],
            ["Compact revision", outcome.compacted <= 0 ? "None" : outcome.compacted],
          ]}
        />
      )}
    </section>
  );
}
