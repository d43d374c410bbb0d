import { ChevronDown, ChevronRight, EllipsisVertical, HeartPulse } from "lucide-react";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { go, linkTo } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { useNow } from "../live/index.ts";
import { mapKey } from "../store/bytes.ts";
import { Button, CopyButton, IconButton, KeyText, Menu, useCell } from "../ui/index.ts";
import type { LeaseTask } from "./LeasesScreen.tsx";
import type { LeaseRow } from "./leasebook.ts";
import { leasesOf } from "./leasesof.ts";
import { durationText, keysText, leaseText, remainingText } from "./words.ts";

interface LeaseTableRowProps {
  readonly id: bigint;
  /** Undefined until the server has told of it. */
  readonly row: LeaseRow | undefined;
  readonly onTask: (task: LeaseTask) => void;
}

export function LeaseTableRow({ id, row, onTask }: LeaseTableRowProps) {
  const [isOpen, setOpen] = useState(false);
  const count = row?.keys.length ?? 0;
  const name = leaseText(id);
  return (
    <>
      <tr>
        <th scope="row">
          <span className="row">
            <IconButton
              small
              label={isOpen ? `Hide the keys of lease ${name}` : `Show the keys of lease ${name}`}
              className="button-icon"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? <ChevronDown /> : <ChevronRight />}
            </IconButton>
            <span className="mono">{name}</span>
            <span className="leases-copy">
              <CopyButton label={`Copy the ID of lease ${name}`} text={name} />
            </span>
          </span>
        </th>
        <td>{row === undefined ? <span className="muted">…</span> : <TimeLeft row={row} />}</td>
        <td className="number">{row === undefined ? "…" : durationText(row.grantedTtlS)}</td>
        <td className="number">{row === undefined ? "…" : count}</td>
        <td>
          <LeaseActions id={id} onTask={onTask} />
        </td>
      </tr>
      {isOpen && (
        <tr className="leases-keys">
          <td colSpan={5}>
            <AttachedKeys keys={row?.keys ?? []} />
          </td>
        </tr>
      )}
    </>
  );
}

function TimeLeft({ row }: { readonly row: LeaseRow }) {
  const nowMs = useNow();
  // The screen is drawn with the second's tick, an answer comes whenever it comes.
  const remainingMs = Math.min(row.endsAtMs - nowMs, row.grantedTtlS * 1000);
  return (
    <span className="leases-time">
      <span>{remainingText(remainingMs)}</span>
      <progress max={row.grantedTtlS * 1000} value={Math.max(0, remainingMs)} aria-hidden />
    </span>
  );
}

const SHOWN_KEYS = 500;

function AttachedKeys({ keys }: { readonly keys: readonly Uint8Array[] }) {
  if (keys.length === 0) return <span className="muted">No keys are attached.</span>;
  return (
    <>
      <ul className="leases-key-list">
        {keys.slice(0, SHOWN_KEYS).map((key) => (
          <li key={mapKey(key)}>
            <a
              href={linkTo({ screen: "keys", key })}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                go({ screen: "keys", key, tab: "value" });
              }}
            >
              <KeyText bytes={key} />
            </a>
          </li>
        ))}
      </ul>
      {keys.length > SHOWN_KEYS && <span className="muted">… and {keysText(keys.length - SHOWN_KEYS)} more</span>}
    </>
  );
}

function LeaseActions({ id, onTask }: Pick<LeaseTableRowProps, "id" | "onTask">) {
  const { book, keepers, keepAlive } = leasesOf(useConnection());
  const isKept = useCell(keepers.ids).has(id);
  const name = leaseText(id);
  const once = async (): Promise<void> => {
    try {
      const ttlS = await keepAlive(id);
      if (ttlS > 0) toast({ tone: "success", title: `Lease ${name} has ${durationText(ttlS)} again` });
      else toast({ tone: "danger", title: `Lease ${name} is gone` });
      await book.sync(id);
    } catch (error) {
      toast({ tone: "danger", title: `Lease ${name} was not kept alive`, detail: String(error) });
    }
  };
  return (
    <span className="row leases-actions">
      <Button
        small
        icon={<HeartPulse aria-hidden />}
        aria-pressed={isKept}
        aria-label="Keep alive"
        title="Keeps it alive while this page is open"
        onClick={() => (isKept ? keepers.delete(id) : keepers.add(id))}
      >
        <span className="leases-label">Keep alive</span>
      </Button>
      <Menu
        trigger={
          <IconButton small label={`Actions for lease ${name}`} tip={false}>
            <EllipsisVertical />
          </IconButton>
        }
        items={[
          { label: "Keep alive once", onSelect: () => void once() },
          { label: "Attach a key…", onSelect: () => onTask({ kind: "attach", id }) },
          "separator",
          { label: "Revoke…", danger: true, onSelect: () => onTask({ kind: "revoke", id }) },
        ]}
      />
    </span>
  );
}
