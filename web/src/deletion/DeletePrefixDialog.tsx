import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { prefixRange, toDisplay } from "../store/bytes.ts";
import { Banner, Confirm, KeyText, Spinner } from "../ui/index.ts";
import { deleteRangeWithUndo } from "./useDeletion.ts";
import { errorText, keysText, UNDO_NOTE } from "./words.ts";

/** Of the empty prefix there is nothing to type. */
const ALL_KEYS = "all keys";

interface DeletePrefixDialogProps {
  readonly prefix: Uint8Array;
  readonly onClose: () => void;
}

/** Says how many keys would go, and deletes them once the prefix has been typed. */
export default function DeletePrefixDialog({ prefix, onClose }: DeletePrefixDialogProps) {
  const { clients } = useConnection();
  const [count, setCount] = useState<number>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    let left = false;
    clients.kv.range({ ...prefixRange(prefix), countOnly: true }).then(
      (reply) => !left && setCount(Number(reply.count)),
      (failure) => !left && setError(errorText(failure)),
    );
    return () => {
      left = true;
    };
  }, [clients, prefix]);
  return (
    <Confirm
      open
      onClose={onClose}
      danger
      title={prefix.length === 0 ? "Delete every key?" : "Delete all keys under a prefix?"}
      verb={count === undefined ? "Delete" : `Delete ${keysText(count)}`}
      typed={prefix.length === 0 ? ALL_KEYS : toDisplay(prefix)}
      onConfirm={() => void deleteRangeWithUndo(clients, prefixRange(prefix))}
    >
      {error !== undefined && <Banner tone="danger">{error}</Banner>}
      <p>
        {count === undefined ? <Spinner label="Counting" /> : <strong>{keysText(count)}</strong>}{" "}
        {prefix.length === 0 ? (
          "in the whole store."
        ) : (
          <>
            {count === 1 ? "begins" : "begin"} with <KeyText bytes={prefix} />
          </>
        )}
      </p>
      <p className="muted">{UNDO_NOTE} Leases that end meanwhile do not come back.</p>
    </Confirm>
  );
}
