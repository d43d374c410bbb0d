import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { sizeText } from "../store/bytes.ts";
import { Button, Confirm } from "../ui/index.ts";

/** Gives freed space back. */
export function DefragmentCard({ reloadStatus }: { readonly reloadStatus: () => void }) {
  const { clients } = useConnection();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const defragment = async (): Promise<void> => {
    setBusy(true);
    try {
      const before = (await clients.maintenance.status({})).dbSize;
      await clients.maintenance.defragment({});
      const after = (await clients.maintenance.status({})).dbSize;
      toast({ tone: "success", title: "Defragmented", detail: `${sizeText(before)} before, ${sizeText(after)} now` });
    } catch (error) {
      toast({ tone: "danger", title: "Defragmenting failed", detail: ConnectError.from(error).rawMessage });
    }
    setBusy(false);
    reloadStatus();
  };
  return (
    <section className="card" aria-label="Defragmentation">
      <h2>Defragmentation</h2>
      <p className="muted">Gives the space that a compaction has freed back to the disk. No key and no history goes.</p>
      <div className="row">
        <Button disabled={busy} onClick={() => setAsking(true)}>
          {busy ? "Defragmenting…" : "Defragment…"}
        </Button>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="Defragment this member?"
        verb="Defragment"
        onConfirm={() => void defragment()}
      >
        <p>A real etcd answers nobody while it defragments: do one member at a time, and the leader last.</p>
      </Confirm>
    </section>
  );
}
