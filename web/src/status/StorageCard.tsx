import { useState } from "react";
import type { BrowserStore } from "../../../src/platform/browser/index.ts";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { useStoreState } from "../connect/useStoreState.ts";
import { sizeText } from "../store/bytes.ts";
import { Badge, Banner, Button, Confirm } from "../ui/index.ts";
import { Facts } from "./Facts.tsx";
import { useLoaded } from "./useLoaded.ts";

interface Props {
  readonly store: BrowserStore;
  readonly reloadStatus: () => void;
}

const KINDS = { indexeddb: "IndexedDB, in this browser", opfs: "Private files of this browser", memory: "Memory only" };
const ROLES = {
  owner: "This tab runs the store",
  guest: "Another tab runs the store; this one is its guest",
  electing: "Tabs are choosing who runs the store",
  closed: "Closed",
};

/** Where a store in this browser is kept, how safe it is there, and its end. */
export function StorageCard({ store, reloadStatus }: Props) {
  const connection = useConnection();
  const state = useStoreState(store);
  const room = useLoaded(() => readRoom(), `${store.name} ${state?.persistence}`);
  const [asking, setAsking] = useState(false);
  const keep = async (): Promise<void> => {
    const granted = await navigator.storage.persist();
    toast(
      granted
        ? { tone: "success", title: "The browser will keep this store" }
        : {
            title: "The browser did not promise to keep it",
            detail: "Installing the page, or using it more, may help.",
          },
    );
    room.reload();
  };
  const erase = async (): Promise<void> => {
    try {
      await store.erase();
      // What the page showed of the old revisions means nothing any more.
      connection.revision.set(1);
      go({ key: undefined, revision: undefined }, { replace: true });
      toast({ tone: "success", title: `The store “${store.name}” was erased` });
    } catch (error) {
      toast({ tone: "danger", title: "Nothing was erased", detail: String(error) });
    }
    reloadStatus();
    room.reload();
  };
  if (state === undefined) return null;
  return (
    <section className="card" aria-label="Storage in this browser">
      <h2>Storage in this browser</h2>
      {state.notice !== undefined && <Banner tone="warning">{state.notice}</Banner>}
      <Facts
        facts={[
          ["Store", store.name],
          ["Kept in", KINDS[state.persistence]],
          ["This tab", ROLES[state.role]],
          ["Owners so far", state.epoch],
          ["Used by this site", room.value?.used ?? "Not told"],
          ["Allowed to this site", room.value?.allowed ?? "Not told"],
          ["When disk space runs low", <Safety key="safety" persisted={room.value?.persisted} />],
        ]}
      />
      <div className="row row-wrap">
        {room.value?.persisted === false && <Button onClick={() => void keep()}>Ask the browser to keep it</Button>}
        <Button tone="danger" onClick={() => setAsking(true)}>
          Erase the store…
        </Button>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Erase the store “${store.name}”?`}
        verb="Erase"
        danger
        typed={store.name}
        onConfirm={() => void erase()}
      >
        <p>Every key, revision and lease goes, for all tabs, and cannot be brought back. An empty store remains.</p>
      </Confirm>
    </section>
  );
}

function Safety({ persisted }: { readonly persisted: boolean | undefined }) {
  if (persisted === undefined) return "Not told";
  return persisted ? <Badge tone="success">kept</Badge> : <Badge tone="warning">the browser may evict it</Badge>;
}

interface Room {
  readonly used: string | undefined;
  readonly allowed: string | undefined;
  /** Undefined where the browser does not tell, as without TLS. */
  readonly persisted: boolean | undefined;
}

async function readRoom(): Promise<Room> {
  if (!("storage" in navigator)) return { used: undefined, allowed: undefined, persisted: undefined };
  const [{ usage, quota }, persisted] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ]);
  return { used: sizeOf(usage), allowed: sizeOf(quota), persisted };
}

function sizeOf(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : sizeText(bytes);
}
