import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { dialog } from "../connect/dialogs.ts";
import { useLoaded } from "../status/useLoaded.ts";
import { formatEndpoint } from "../store/endpoint.ts";
import { Badge, Button, Confirm } from "../ui/index.ts";
import { eraseStore, storeNames } from "./stores.ts";

/** The stores in this browser: opened or erased. */
export function StoresCard() {
  const { browserStore, revision } = useConnection();
  const stores = useLoaded(() => storeNames(), "stores");
  const [asking, setAsking] = useState<string>();
  const erase = async (name: string): Promise<void> => {
    try {
      if (name === browserStore?.name) {
        await browserStore.erase();
        revision.set(1);
      } else {
        await eraseStore(name);
      }
      toast({ tone: "success", title: `The store “${name}” was erased` });
    } catch (error) {
      toast({ tone: "danger", title: "Nothing was erased", detail: String(error) });
    }
    stores.reload();
  };
  return (
    <section className="card" aria-label="Stores in this browser">
      <div className="row">
        <h2 className="grow">Stores in this browser</h2>
        <Button small onClick={() => dialog.set({ kind: "store" })}>
          Open another…
        </Button>
      </div>
      {stores.value === undefined && !stores.loading && (
        <p className="muted">This browser does not list them; open one by its name.</p>
      )}
      {stores.value?.length === 0 && <p className="muted">None is kept here.</p>}
      <ul className="settings-list">
        {stores.value?.map((name) => (
          <li key={name}>
            <strong className="grow settings-name">{name}</strong>
            {name === browserStore?.name ? (
              <Badge tone="info">open now</Badge>
            ) : (
              <Button
                small
                aria-label={`Open the store ${name}`}
                onClick={() =>
                  go({ connection: formatEndpoint({ kind: "browser", name }), key: undefined, revision: undefined })
                }
              >
                Open
              </Button>
            )}
            <Button small tone="danger" aria-label={`Erase the store ${name}`} onClick={() => setAsking(name)}>
              Erase…
            </Button>
          </li>
        ))}
      </ul>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={`Erase the store “${asking}”?`}
        verb="Erase"
        danger
        typed={asking}
        onConfirm={() => asking !== undefined && void erase(asking)}
      >
        <p>Every key, revision and lease in it goes, for all tabs, and cannot be brought back.</p>
      </Confirm>
    </section>
  );
}
