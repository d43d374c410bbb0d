import type { CSSProperties } from "react";
import { DetailPanel } from "../detail/index.ts";
import { KeysPanel } from "../keys/index.ts";
import { Splitter, useCell } from "../ui/index.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { preferences, setPreferences } from "./preferences.ts";
import { useRoute } from "./route.ts";

/** Keys on the left, the chosen key beside them; on a narrow page one or the other. */
export function KeysScreen() {
  const { keysWidthPx } = useCell(preferences);
  const { key } = useRoute();
  return (
    <div className={key === undefined ? "keys-screen" : "keys-screen keys-screen-open"}>
      <section className="keys-side" style={{ "--keys-width": `${keysWidthPx}px` } as CSSProperties} aria-label="Keys">
        <ErrorBoundary>
          <KeysPanel />
        </ErrorBoundary>
      </section>
      <Splitter
        label="Width of the key list"
        orientation="vertical"
        valuePx={keysWidthPx}
        minPx={240}
        maxPx={900}
        onChange={(width) => setPreferences({ keysWidthPx: width })}
      />
      <section className="detail-side" aria-label="Key">
        <ErrorBoundary key={key?.toString()}>
          <DetailPanel />
        </ErrorBoundary>
      </section>
    </div>
  );
}
