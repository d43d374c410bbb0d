import { lazy } from "react";

export { useWatches } from "./context.ts";
export { WatchProvider } from "./WatchProvider.tsx";
export { WatchSummary } from "./WatchSummary.tsx";
/** What shows the watches; fetched when the dock is first opened, as the watches go on without. */
export const WatchDock = lazy(() => import("./WatchDock.tsx"));
