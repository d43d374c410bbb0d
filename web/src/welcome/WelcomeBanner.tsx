import { lazy, Suspense } from "react";
import { useConnection } from "../app/context.ts";
import { preferences } from "../app/preferences.ts";
import { useRoute } from "../app/route.ts";
import { DEFAULT_STORE } from "../store/endpoint.ts";
import { useCell } from "../ui/index.ts";
import { tour } from "./tour.ts";

const Tour = lazy(() => import("./Tour.tsx"));

/**
 * The first run: on the store that the bare page opens on, or where it was asked for. A link that names a store
 * leads there, and nothing is written on the way.
 */
export function WelcomeBanner() {
  const { endpoint, browserStore } = useConnection();
  const { connection: named } = useRoute();
  const { welcomed } = useCell(preferences);
  const { asked } = useCell(tour);
  const here = browserStore !== undefined && endpoint.kind === "browser" && endpoint.name === DEFAULT_STORE;
  if (!here || welcomed || (named !== undefined && !asked)) return null;
  return (
    <Suspense>
      <Tour />
    </Suspense>
  );
}
