import { useState } from "react";
import { Compare_CompareResult, Compare_CompareTarget } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { fromDisplay, utf8 } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { Button, Dialog, TextField } from "../ui/index.ts";
import { leasesOf } from "./leasesof.ts";
import { leaseText } from "./words.ts";

/** Attaches a key: one that is there keeps its value, another is made. */
export function AttachDialog({ id, onClose }: { readonly id: bigint; readonly onClose: () => void }) {
  const connection = useConnection();
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [failure, setFailure] = useState<string>();
  const attach = async (): Promise<void> => {
    if (key === "") return;
    try {
      const isThere = await attachKey(connection.clients.kv, fromDisplay(key), utf8(value), id);
      toast({
        tone: "success",
        title: `${key} ${isThere ? "attached" : "made and attached"} to lease ${leaseText(id)}`,
      });
      onClose();
      await leasesOf(connection).book.sync(id);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Attach a key to lease ${leaseText(id)}`}
      description="The key is deleted when the lease ends. A key has one lease: it leaves the one that it has."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={key === ""} onClick={() => void attach()}>
            Attach
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attach();
        }}
      >
        <TextField label="Key" value={key} onChange={setKey} error={failure} autoFocus mono />
        <TextField
          label="Value, if the key is new"
          value={value}
          onChange={setValue}
          hint="A key that is there keeps its value."
          mono
        />
        <button type="submit" hidden>
          Attach
        </button>
      </form>
    </Dialog>
  );
}

/** In one txn, so that no value of a key that is there can be lost. Tells whether it was there. */
async function attachKey(kv: Clients["kv"], key: Uint8Array, value: Uint8Array, lease: bigint): Promise<boolean> {
  const put = (fields: object) => ({
    request: { case: "requestPut" as const, value: { key, lease, ...fields } },
  });
  const reply = await kv.txn({
    compare: [
      {
        key,
        target: Compare_CompareTarget.VERSION,
        result: Compare_CompareResult.GREATER,
        targetUnion: { case: "version", value: 0n },
      },
    ],
    success: [put({ ignoreValue: true })],
    failure: [put({ value })],
  });
  return reply.succeeded;
}
