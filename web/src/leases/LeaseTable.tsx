import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { ActionsHeading, useCell } from "../ui/index.ts";
import type { LeaseTask } from "./LeasesScreen.tsx";
import { LeaseTableRow } from "./LeaseTableRow.tsx";
import { leasesOf } from "./leasesof.ts";
import { type SortBy, sorted } from "./words.ts";

interface LeaseTableProps {
  readonly ids: readonly bigint[];
  readonly limit: number;
  readonly onTask: (task: LeaseTask) => void;
}

const COLUMNS: ReadonlyArray<{ readonly by: SortBy; readonly title: string; readonly isNumber: boolean }> = [
  { by: "id", title: "Lease ID", isNumber: false },
  { by: "remaining", title: "Time left", isNumber: false },
  { by: "granted", title: "TTL granted", isNumber: true },
  { by: "keys", title: "Keys", isNumber: true },
];

export function LeaseTable({ ids, limit, onTask }: LeaseTableProps) {
  const { book } = leasesOf(useConnection());
  const { rows } = useCell(book.list);
  const [sort, setSort] = useState<{ readonly by: SortBy; readonly isDescending: boolean }>({
    // The one order in which a lease that is kept alive does not move under the pointer.
    by: "id",
    isDescending: false,
  });
  const shown = sorted(ids.slice(0, limit), rows, sort.by, sort.isDescending);
  return (
    <div className="leases-frame">
      <table className="table leases-table">
        <caption className="visually-hidden">Leases</caption>
        <thead>
          <tr>
            {COLUMNS.map(({ by, title, isNumber }) => (
              <SortableHeader
                key={by}
                title={title}
                isNumber={isNumber}
                direction={sort.by !== by ? undefined : sort.isDescending ? "descending" : "ascending"}
                onSort={() => setSort({ by, isDescending: sort.by === by && !sort.isDescending })}
              />
            ))}
            <ActionsHeading />
          </tr>
        </thead>
        <tbody>
          {shown.map((id) => (
            <LeaseTableRow key={id.toString()} id={id} row={rows.get(id)} onTask={onTask} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SortableHeaderProps {
  readonly title: string;
  readonly isNumber: boolean;
  readonly direction: "ascending" | "descending" | undefined;
  readonly onSort: () => void;
}

function SortableHeader({ title, isNumber, direction, onSort }: SortableHeaderProps) {
  return (
    <th scope="col" className={isNumber ? "number" : undefined} aria-sort={direction ?? "none"}>
      <button type="button" className="leases-sort" onClick={onSort}>
        {title}
        {direction === "ascending" && <ArrowUp aria-hidden />}
        {direction === "descending" && <ArrowDown aria-hidden />}
      </button>
    </th>
  );
}
