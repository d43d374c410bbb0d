import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { SelectField, TextField } from "../ui/index.ts";
import type { LeaseChoice } from "./drafts.ts";
import { leaseText } from "./record.ts";

interface LeaseFieldProps {
  readonly choice: LeaseChoice;
  /** What the key has now; 0 for none. */
  readonly held: bigint;
  readonly onChange: (choice: LeaseChoice) => void;
  readonly bare?: boolean;
}

const MAX_LISTED = 200;
const DEFAULT_TTL_S = 60;

/** Keeps a key's lease, or changes it: to none, to one that is there, to a new one. */
export function LeaseField({ choice, held, onChange, bare }: LeaseFieldProps) {
  const leases = useLeases();
  const value = choice.kind === "lease" ? choice.id.toString() : choice.kind;
  const listed = leases.filter((id) => id !== held);
  const options = [
    { value: "keep", label: held === 0n ? "No lease" : `Keep lease ${leaseText(held)}` },
    ...(held === 0n ? [] : [{ value: "none", label: "No lease" }]),
    ...listed.map((id) => ({ value: id.toString(), label: `Lease ${leaseText(id)}` })),
    { value: "new", label: "A new lease…" },
  ];
  const choose = (next: string): void => {
    if (next === "keep" || next === "none") onChange({ kind: next });
    else onChange(next === "new" ? { kind: "new", ttlS: DEFAULT_TTL_S } : { kind: "lease", id: BigInt(next) });
  };
  return (
    <>
      <SelectField label="Lease" bare={bare} value={value} options={options} onChange={choose} />
      {choice.kind === "new" && (
        <TextField
          label="TTL in seconds"
          bare={bare}
          type="number"
          value={String(choice.ttlS)}
          onChange={(text) => onChange({ kind: "new", ttlS: Math.max(1, Math.floor(Number(text) || 1)) })}
        />
      )}
    </>
  );
}

function useLeases(): readonly bigint[] {
  const { clients } = useConnection();
  const [leases, setLeases] = useState<readonly bigint[]>([]);
  useEffect(() => {
    let left = false;
    clients.lease.leaseLeases({}).then(
      (reply) => !left && setLeases(reply.leases.slice(0, MAX_LISTED).map(({ ID }) => ID)),
      // Keeping and changing to a new one work without the list.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [clients]);
  return leases;
}
