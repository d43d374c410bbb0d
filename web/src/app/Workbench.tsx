import { Suspense } from "react";
import { ConnectionBanner } from "../connect/index.ts";
import { TravelBanner } from "../travel/index.ts";
import { Spinner } from "../ui/index.ts";
import { WatchProvider } from "../watch/index.ts";
import { WelcomeBanner } from "../welcome/index.ts";
import { Dock } from "./Dock.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { KeysScreen } from "./KeysScreen.tsx";
import { useRoute } from "./route.ts";
import { SCREEN_COMPONENTS, SCREEN_TITLES } from "./screens.ts";
import { TopBar } from "./TopBar.tsx";

/** Everything between the top bar and the dock, for one connection. */
export function Workbench() {
  const { screen } = useRoute();
  const Screen = screen === "keys" ? KeysScreen : SCREEN_COMPONENTS[screen];
  return (
    <WatchProvider>
      <div className="workbench">
        <TopBar />
        <div className="workbench-banners">
          <ConnectionBanner />
          <WelcomeBanner />
          <TravelBanner />
        </div>
        <main className="workbench-main" aria-label={SCREEN_TITLES[screen]}>
          <h1 className="visually-hidden">{SCREEN_TITLES[screen]}</h1>
          <ErrorBoundary key={screen}>
            <Suspense fallback={<Spinner />}>
              <Screen />
            </Suspense>
          </ErrorBoundary>
        </main>
        <Dock />
      </div>
    </WatchProvider>
  );
}
