import { useEffect } from "react";
import type { Connection } from "../store/connection.ts";
import { useCell } from "../ui/index.ts";
import { handleShortcut } from "./actions.ts";
import { ConnectionContext } from "./context.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { GlobalActions } from "./GlobalActions.tsx";
import { Opening } from "./Opening.tsx";
import { preferences } from "./preferences.ts";
import { useRoute } from "./route.ts";
import { ToastList } from "./ToastList.tsx";
import { useOpenConnection } from "./useOpenConnection.ts";
import { Workbench } from "./Workbench.tsx";

/** The whole page: theme, shortcuts, the connection that the URL names, and the workbench on it. */
export function App() {
  const { theme } = useCell(preferences);
  const route = useRoute();
  const opened = useOpenConnection(route.connection);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    document.addEventListener("keydown", handleShortcut);
    return () => document.removeEventListener("keydown", handleShortcut);
  }, []);
  const { connection } = opened;
  return (
    <>
      <ErrorBoundary>
        <GlobalActions />
        {connection === undefined ? (
          <Opening opened={opened} />
        ) : (
          <ConnectionContext value={connection}>
            <UserWorkbench connection={connection} />
          </ConnectionContext>
        )}
      </ErrorBoundary>
      <ToastList />
    </>
  );
}

/** Another user sees nothing of what the one before read; drafts are kept. */
function UserWorkbench({ connection }: { readonly connection: Connection }) {
  const epoch = useCell(connection.session.epoch);
  return <Workbench key={`${connection.id} ${epoch}`} />;
}
