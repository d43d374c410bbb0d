import { sizeText } from "../../store/bytes.ts";
import type { KeyInfo } from "../model/source.ts";
import type { Column } from "./columns.ts";
import { useLeaseRemainingMs } from "./leaseclock.ts";
import { remainingText } from "./remaining.ts";

interface CellProps {
  readonly column: Column;
  readonly info: KeyInfo;
  /** Leases are only known as they are now. */
  readonly isPast: boolean;
}

/** What a column says of a key. */
export function KeyCell({ column, info, isPast }: CellProps) {
  switch (column.id) {
    case "size":
      return info.sizeBytes === undefined ? (
        <Unknown why="An etcd does not tell it without the value" />
      ) : (
        sizeText(info.sizeBytes)
      );
    case "mod":
      return info.modRevision;
    case "version":
      return info.version;
    case "ttl":
      if (info.lease === 0n) return null;
      return isPast ? <Unknown why="It had a lease" text="lease" /> : <Ttl lease={info.lease} />;
  }
}

function Unknown({ why, text = "–" }: { readonly why: string; readonly text?: string }) {
  return <span title={why}>{text}</span>;
}

function Ttl({ lease }: { readonly lease: bigint }) {
  const remainingMs = useLeaseRemainingMs(lease);
  const title = `Lease ${lease.toString(16)}`;
  // The row stays until its DELETE event comes: a lease that is due may still be kept alive.
  return <span title={title}>{remainingMs === undefined ? "…" : remainingText(remainingMs)}</span>;
}
