import { Button, EmptyState, Spinner } from "../ui/index.ts";
import { go } from "./route.ts";
import type { Opened } from "./useOpenConnection.ts";

/** In place of the workbench while there is no connection. */
export function Opening({ opened }: { readonly opened: Opened }) {
  if (opened.error === undefined) {
    return (
      <main className="opening">
        <EmptyState icon={<Spinner label="Opening the store" />} title="Opening the store…" />
      </main>
    );
  }
  const message = opened.error instanceof Error ? opened.error.message : String(opened.error);
  return (
    <main className="opening">
      <EmptyState
        title="The store could not be opened"
        actions={
          <>
            <Button tone="primary" onClick={() => location.reload()}>
              Try again
            </Button>
            <Button onClick={() => go({ connection: "browser", key: undefined, revision: undefined })}>
              Open the store in this browser
            </Button>
          </>
        }
      >
        {message}
      </EmptyState>
    </main>
  );
}
