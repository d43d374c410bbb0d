import { lazy, Suspense } from "react";
import { useRoute } from "../app/route.ts";
import { Banner, Button, useCell } from "../ui/index.ts";
import { openRestore, restoreWanted } from "./restore/wanted.ts";
import { type Travel, useTravel } from "./useTravel.ts";

const RestoreDialog = lazy(() => import("./restore/RestoreDialog.tsx"));

/** Says that the page shows the past, and leads back out of it; under it, the dialog that brings the past back. */
export function TravelBanner() {
  const travel = useTravel();
  const wanted = useCell(restoreWanted);
  return (
    <>
      {travel.revision !== undefined && <PastBanner travel={travel} revision={travel.revision} />}
      {wanted !== undefined && (
        <Suspense>
          <RestoreDialog key={wanted.id} wanted={wanted} onClose={() => restoreWanted.set(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function PastBanner({ travel, revision }: { readonly travel: Travel; readonly revision: number }) {
  const { query } = useRoute();
  const { oldest, latest, to } = travel;
  const backToNow = <Button onClick={() => to(undefined)}>Back to now</Button>;
  if (revision < oldest) {
    return (
      <Banner
        tone="warning"
        title={`Revision ${revision} is compacted`}
        actions={
          <>
            <Button onClick={() => to(oldest)}>Go to revision {oldest}</Button>
            {backToNow}
          </>
        }
      >
        The oldest revision that can still be read is {oldest}: compacted below {oldest}.
      </Banner>
    );
  }
  if (latest > 0 && revision > latest) {
    return (
      <Banner tone="warning" title={`Revision ${revision} does not exist yet`} actions={backToNow}>
        The newest revision is {latest}.
      </Banner>
    );
  }
  return (
    <Banner
      title={`Revision ${revision} of ${latest}: read-only.`}
      actions={
        <>
          {backToNow}
          <Button onClick={() => openRestore(query, revision)}>
            {query.length === 0 ? "Restore everything…" : "Restore this prefix…"}
          </Button>
        </>
      }
    >
      All keys are shown as they were then.
    </Banner>
  );
}
