import { ConnectError } from "@connectrpc/connect";
import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { mapKey } from "../store/bytes.ts";
import { Confirm, KeyText, Spinner } from "../ui/index.ts";
import { leasesOf } from "./leasesof.ts";
import { keysText, leaseText } from "./words.ts";

const SHOWN_KEYS = 100;

/** Asks before a lease goes, and says which keys go with it: as the server tells it now, not as the list has it. */
export function RevokeDialog({ id, onClose }: { readonly id: bigint; readonly onClose: () => void }) {
  const connection = useConnection();
  const { book } = leasesOf(connection);
  const [keys, setKeys] = useState<readonly Uint8Array[]>();
  const [failure, setFailure] = useState<string>();
  const name = leaseText(id);
  useEffect(() => {
    let left = false;
    book.sync(id).then(
      (row) => !left && setKeys(row?.keys ?? []),
      (error: unknown) => !left && setFailure(ConnectError.from(error).rawMessage),
    );
    return () => {
      left = true;
    };
  }, [book, id]);
  const revoke = async (): Promise<void> => {
    try {
      await connection.clients.lease.leaseRevoke({ ID: id });
      toast({ tone: "success", title: `Lease ${name} revoked`, detail: `${keysText(keys?.length ?? 0)} went with it` });
    } catch (error) {
      toast({ tone: "danger", title: `Lease ${name} was not revoked`, detail: String(error) });
    }
    await book.sync(id).catch(() => undefined);
  };
  const verb = keys === undefined || keys.length === 0 ? "Revoke" : `Revoke and delete ${keysText(keys.length)}`;
  return (
    <Confirm open onClose={onClose} title={`Revoke lease ${name}?`} verb={verb} danger onConfirm={() => void revoke()}>
      {keys === undefined && failure === undefined && <Spinner />}
      {failure !== undefined && <p>Its keys could not be read: {failure}. All that are attached will be deleted.</p>}
      {keys?.length === 0 && <p>No keys are attached to it.</p>}
      {keys !== undefined && keys.length > 0 && (
        <>
          <p>{keysText(keys.length)} attached to it will be deleted:</p>
          <ul className="leases-key-list">
            {keys.slice(0, SHOWN_KEYS).map((key) => (
              <li key={mapKey(key)}>
                <KeyText bytes={key} />
              </li>
            ))}
          </ul>
          {keys.length > SHOWN_KEYS && <p className="muted">… and {keysText(keys.length - SHOWN_KEYS)} more</p>}
        </>
      )}
    </Confirm>
  );
}
