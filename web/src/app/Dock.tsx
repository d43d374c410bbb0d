import { ChevronDown, ChevronUp } from "lucide-react";
import { type CSSProperties, lazy, Suspense } from "react";
import { IconButton, Spinner, Splitter, Tabs, useCell } from "../ui/index.ts";
import { WatchDock, WatchSummary } from "../watch/index.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { preferences, setPreferences } from "./preferences.ts";
import { DOCK_TABS, type DockTab, go, useRoute } from "./route.ts";

const ConsolePanel = lazy(() => import("../console/ConsolePanel.tsx"));
const RequestsPanel = lazy(() => import("../requests/RequestsPanel.tsx"));

const TITLES: Record<DockTab, string> = { watch: "Watch", requests: "Requests", console: "Console" };

/** Watches, requests and the console along the foot of the page; closed, it is one row of buttons. */
export function Dock() {
  const { dock } = useRoute();
  const { dockHeightPx } = useCell(preferences);
  const open = (tab: DockTab | undefined): void => go({ dock: tab }, { replace: true });
  if (dock === undefined) {
    return (
      <section className="dock dock-closed" aria-label="Dock">
        {DOCK_TABS.map((tab) => (
          <button key={tab} type="button" className="tab" onClick={() => open(tab)}>
            {TITLES[tab]}
          </button>
        ))}
        <WatchSummary />
        <span className="grow" />
        <IconButton label="Open the dock" onClick={() => open("watch")}>
          <ChevronUp />
        </IconButton>
      </section>
    );
  }
  const close = (
    <IconButton label="Close the dock" onClick={() => open(undefined)}>
      <ChevronDown />
    </IconButton>
  );
  return (
    <section className="dock" aria-label="Dock" style={{ "--dock-height": `${dockHeightPx}px` } as CSSProperties}>
      <Splitter
        label="Height of the dock"
        orientation="horizontal"
        valuePx={dockHeightPx}
        minPx={140}
        maxPx={900}
        after
        onChange={(height) => setPreferences({ dockHeightPx: height })}
      />
      <Tabs
        label="Dock"
        value={dock}
        onChange={open}
        tabs={DOCK_TABS.map((tab) => ({ value: tab, label: TITLES[tab] }))}
        aside={close}
      >
        <ErrorBoundary>
          <Suspense fallback={<Spinner />}>
            {dock === "watch" && <WatchDock />}
            {dock === "requests" && <RequestsPanel />}
            {dock === "console" && <ConsolePanel />}
          </Suspense>
        </ErrorBoundary>
      </Tabs>
    </section>
  );
}
