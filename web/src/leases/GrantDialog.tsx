import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { Button, Dialog, TextField } from "../ui/index.ts";
import { leasesOf } from "./leasesof.ts";
import { durationText, leaseText, parseLease } from "./words.ts";

/** Above it etcd answers ErrLeaseTTLTooLarge. */
const MAX_TTL_S = 9_000_000_000;

export function GrantDialog({ onClose }: { readonly onClose: () => void }) {
  const connection = useConnection();
  const [ttl, setTtl] = useState("60");
  const [id, setId] = useState("");
  const [failure, setFailure] = useState<string>();
  const ttlS = Number(ttl);
  const isTtl = ttl.trim() !== "" && Number.isInteger(ttlS) && ttlS > 0 && ttlS <= MAX_TTL_S;
  const chosen = id.trim() === "" ? 0n : parseLease(id.trim());
  const grant = async (): Promise<void> => {
    if (!isTtl || chosen === undefined) return;
    try {
      const reply = await connection.clients.lease.leaseGrant({ TTL: BigInt(ttlS), ID: chosen });
      toast({ tone: "success", title: `Lease ${leaseText(reply.ID)} granted for ${durationText(Number(reply.TTL))}` });
      onClose();
      await leasesOf(connection).book.sync(reply.ID);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Grant a lease"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={!isTtl || chosen === undefined} onClick={() => void grant()}>
            Grant
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void grant();
        }}
      >
        <TextField
          label="TTL in seconds"
          value={ttl}
          onChange={setTtl}
          hint="One below the server’s minimum is raised to it."
          error={isTtl ? undefined : "A TTL is a whole number of seconds, from 1 to 9,000,000,000."}
          autoFocus
        />
        <TextField
          label="Lease ID"
          value={id}
          onChange={setId}
          hint="In hex, as etcdctl writes it. Empty: the server chooses."
          error={chosen === undefined ? "A lease ID is hex, above 0 and below 8000000000000000." : failure}
          mono
        />
        {/* Enter in a field sends a form that has a button. */}
        <button type="submit" hidden>
          Grant
        </button>
      </form>
    </Dialog>
  );
}
