import { lazy, Suspense } from "react";
import { useAction } from "../app/actions.ts";
import { useMedia } from "../ui/index.ts";
import { TimeControls } from "./TimeControls.tsx";
import { useTravel } from "./useTravel.ts";
import "./travel.css";

const TimeButton = lazy(() => import("./TimeButton.tsx"));

/** The page's place in time, in the top bar: a row of controls, or where there is no room a button that opens it. */
export function RevisionScrubber() {
  const travel = useTravel();
  const { revision, latest } = travel;
  const isNarrow = useMedia("(max-width: 1279px)");
  const isThere = latest > 1;
  useAction({ id: "time.back", title: "Revision before", group: "Time", shortcut: "[", run: travel.back }, isThere);
  useAction(
    { id: "time.forward", title: "Revision after", group: "Time", shortcut: "]", run: travel.forward },
    isThere,
  );
  const isPast = revision !== undefined;
  useAction({ id: "time.now", title: "Back to now", group: "Time", run: () => travel.to(undefined) }, isPast);
  if (!isNarrow) return <TimeControls travel={travel} />;
  return (
    <Suspense>
      <TimeButton travel={travel} />
    </Suspense>
  );
}
