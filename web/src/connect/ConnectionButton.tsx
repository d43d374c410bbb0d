import { AppWindow, CircleAlert, CircleCheck, Database, LoaderCircle, Plug, Server } from "lucide-react";
import { lazy, Suspense } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { preferences } from "../app/preferences.ts";
import { go } from "../app/route.ts";
import type { Connection } from "../store/connection.ts";
import { parseEndpoint } from "../store/endpoint.ts";
import { Menu, type MenuItem, useCell } from "../ui/index.ts";
import { endpointTitle, titleOfId } from "./describe.ts";
import { dialog, openConnectDialog } from "./dialogs.ts";
import { useStoreState } from "./useStoreState.ts";
import "./connect.css";

const ConnectDialog = lazy(() => import("./ConnectDialog.tsx"));
const StoreDialog = lazy(() => import("./StoreDialog.tsx"));

/** Where the keys on the page are, and the way to others. */
export function ConnectionButton() {
  const open = useCell(dialog);
  const close = (): void => dialog.set(undefined);
  useAction({ id: "store.connect", title: "Connect to a server…", group: "Store", run: () => openConnectDialog() });
  useAction({
    id: "store.browser",
    title: "Open a store in this browser…",
    group: "Store",
    run: () => dialog.set({ kind: "store" }),
  });
  return (
    <>
      <ConnectionMenu />
      <Suspense>
        {open?.kind === "server" && <ConnectDialog initialId={open.id} onClose={close} />}
        {open?.kind === "store" && <StoreDialog onClose={close} />}
      </Suspense>
    </>
  );
}

const STATES = {
  connecting: { icon: LoaderCircle, word: "Connecting" },
  ready: { icon: CircleCheck, word: "Ready" },
  failed: { icon: CircleAlert, word: "Not connected" },
};

function ConnectionMenu() {
  const connection = useConnection();
  const { phase, version } = useCell(connection.status);
  const { icon: StateIcon, word } = STATES[phase];
  const Where = connection.endpoint.kind === "browser" ? AppWindow : Server;
  const title = endpointTitle(connection.endpoint);
  const isRefused = useCell(connection.session.refusal) !== undefined;
  const state = phase === "ready" && version !== "" ? `etcd ${version}` : isRefused ? "Not signed in" : word;
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={`connect-button connect-${phase}`}
          aria-label={`Connection: ${title} ${state}${phase === "ready" && state !== word ? `, ${word}` : ""}`}
        >
          <Where aria-hidden />
          <span className="connect-title">{title}</span>{" "}
          <span className="connect-state">
            <StateIcon aria-hidden />
            <span className="connect-word">{state}</span>
          </span>
        </button>
      }
      items={useItems(connection)}
    />
  );
}

function useItems(connection: Connection): MenuItem[] {
  const { endpoints } = useCell(preferences);
  const state = useStoreState(connection.browserStore);
  const others = endpoints.filter((id) => id !== connection.id && parseEndpoint(id) !== undefined).slice(0, 8);
  const notes = state === undefined ? [] : [roleText(state.role), persistenceText(state.persistence)];
  return [
    ...notes.map((label) => ({ label: <span className="connect-note">{label}</span>, disabled: true, onSelect() {} })),
    ...(notes.length > 0 ? ["separator" as const] : []),
    ...others.map((id) => ({
      label: titleOfId(id),
      icon: parseEndpoint(id)?.kind === "browser" ? <AppWindow /> : <Server />,
      onSelect: () => switchTo(id),
    })),
    ...(others.length > 0 ? ["separator" as const] : []),
    { label: "Connect to a server…", icon: <Plug />, onSelect: () => openConnectDialog() },
    { label: "Open a store in this browser…", icon: <Database />, onSelect: () => dialog.set({ kind: "store" }) },
  ];
}

/** The key and revision of one store mean nothing in another. */
function switchTo(id: string): void {
  go({ connection: id, key: undefined, revision: undefined });
}

function roleText(role: string): string {
  if (role === "owner") return "This tab runs the store";
  if (role === "guest") return "Another tab runs the store";
  return role === "closed" ? "The store is closed" : "Tabs are choosing who runs the store";
}

function persistenceText(persistence: string): string {
  if (persistence === "memory") return "Kept in memory only";
  return `Kept in this browser (${persistence === "indexeddb" ? "IndexedDB" : "private files"})`;
}
