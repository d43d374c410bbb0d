import { lazy, Suspense, useState } from "react";
import { useAction } from "./actions.ts";
import { setPreferences } from "./preferences.ts";
import { go, SCREENS, type Screen } from "./route.ts";
import { SCREEN_TITLES } from "./screens.ts";

const Palette = lazy(() => import("./Palette.tsx"));
const Help = lazy(() => import("./Help.tsx"));

/** What can be done wherever one is, and the two dialogs that list what can be done. */
export function GlobalActions() {
  const [open, setOpen] = useState<"palette" | "help">();
  useAction({
    id: "view.palette",
    title: "Command palette",
    group: "View",
    shortcut: "mod+k",
    run: () => setOpen((held) => (held === "palette" ? undefined : "palette")),
  });
  useAction({ id: "view.help", title: "Keyboard shortcuts", group: "View", shortcut: "?", run: () => setOpen("help") });
  useTheme("light");
  useTheme("dark");
  useTheme("system");
  useAction({ id: "dock.watch", title: "Watch dock", group: "Go to", run: () => go({ dock: "watch" }) });
  useAction({ id: "dock.requests", title: "Requests", group: "Go to", run: () => go({ dock: "requests" }) });
  useAction({
    id: "dock.console",
    title: "Console",
    group: "Go to",
    shortcut: "`",
    run: () => go({ dock: "console" }),
  });
  return (
    <>
      {SCREENS.map((screen) => (
        <GoTo key={screen} screen={screen} />
      ))}
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(undefined)} />}
        {open === "help" && <Help onClose={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}

function GoTo({ screen }: { readonly screen: Screen }) {
  useAction({ id: `go.${screen}`, title: SCREEN_TITLES[screen], group: "Go to", run: () => go({ screen }) });
  return null;
}

function useTheme(theme: "light" | "dark" | "system"): void {
  useAction({
    id: `view.theme.${theme}`,
    title: `Theme: ${theme}`,
    group: "View",
    run: () => setPreferences({ theme }),
  });
}
