import { Plus, RefreshCw, Timer } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { Banner, Button, EmptyState, IconButton, Spinner, useCell } from "../ui/index.ts";
import { AttachDialog } from "./AttachDialog.tsx";
import { GrantDialog } from "./GrantDialog.tsx";
import { LeaseTable } from "./LeaseTable.tsx";
import type { LeaseBook } from "./leasebook.ts";
import { leasesOf } from "./leasesof.ts";
import { RevokeDialog } from "./RevokeDialog.tsx";
import "./leases.css";

const REFRESH_EVERY_MS = 1_000;
const PAGE = 200;

/** What is being done to which lease. */
export type LeaseTask = { readonly kind: "revoke" | "attach"; readonly id: bigint } | { readonly kind: "grant" };

export default function LeasesScreen() {
  const connection = useConnection();
  const { book } = leasesOf(connection);
  const { ids, error } = useCell(book.list);
  const [task, setTask] = useState<LeaseTask>();
  const [limit, setLimit] = useState(PAGE);
  useRefreshing(book, limit);
  const grant = (): void => setTask({ kind: "grant" });
  const close = (): void => setTask(undefined);
  useAction({ id: "leases.grant", title: "Grant a lease", group: "Leases", run: grant });
  return (
    <div className="screen">
      <div className="screen-inner">
        <div className="row">
          <h2 className="grow">
            Leases{ids !== undefined && ids.length > 0 && ` (${ids.length.toLocaleString("en")})`}
          </h2>
          <IconButton label="Refresh" onClick={() => void book.refresh(limit)}>
            <RefreshCw />
          </IconButton>
          <Button tone="primary" icon={<Plus aria-hidden />} onClick={grant}>
            Grant a lease
          </Button>
        </div>
        {error !== undefined && (
          <Banner tone="warning" title="The leases could not be read">
            {error.rawMessage}. What is shown is what the server said last.
          </Banner>
        )}
        {ids === undefined && error === undefined && <Spinner />}
        {ids?.length === 0 && <NoLeases />}
        {ids !== undefined && ids.length > 0 && <LeaseTable ids={ids} limit={limit} onTask={setTask} />}
        {ids !== undefined && ids.length > limit && (
          <div className="row">
            <span className="muted">
              {limit} of {ids.length.toLocaleString("en")} leases are shown, those that end first by the server's order.
            </span>
            <Button onClick={() => setLimit(limit + PAGE)}>Show {PAGE} more</Button>
          </div>
        )}
      </div>
      {task?.kind === "grant" && <GrantDialog onClose={close} />}
      {task?.kind === "revoke" && <RevokeDialog id={task.id} onClose={close} />}
      {task?.kind === "attach" && <AttachDialog id={task.id} onClose={close} />}
    </div>
  );
}

function NoLeases() {
  return (
    <EmptyState icon={<Timer aria-hidden />} title="No leases">
      A lease has a time to live, and takes the keys attached to it along when that ends. Grant one to attach keys to
      it.
    </EmptyState>
  );
}

/** Which leases there are is asked every second, how long each has only when the answer is old. */
function useRefreshing(book: LeaseBook, limit: number): void {
  useEffect(() => {
    const refresh = (): void => {
      if (document.visibilityState === "visible") void book.refresh(limit);
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_EVERY_MS);
    return () => clearInterval(timer);
  }, [book, limit]);
}
