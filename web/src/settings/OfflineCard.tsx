import { useSyncExternalStore } from "react";
import { Facts } from "../status/Facts.tsx";
import { useLoaded } from "../status/useLoaded.ts";

/** Whether the page works without a network, and whether it is installed. */
export function OfflineCard() {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const offline = useLoaded(offlineState, "offline");
  return (
    <section className="card" aria-label="Offline">
      <h2>Offline</h2>
      <Facts
        facts={[
          ["Network", online ? "The browser is online" : "The browser is offline"],
          ["Without a network", offline.value ?? "Looking…"],
          ["Installed", isInstalled() ? "Yes, the page runs as an app" : "No, it runs in a tab of the browser"],
        ]}
      />
    </section>
  );
}

async function offlineState(): Promise<string> {
  if (!("serviceWorker" in navigator))
    return "Not possible here: browsers allow it over https and on this machine only";
  const registration = await navigator.serviceWorker.getRegistration(document.baseURI);
  if (registration?.active != null) return "The page is kept in this browser and opens without a network";
  return registration === undefined ? "Not kept in this browser" : "The page is being kept; reload it once";
}

function isInstalled(): boolean {
  return window.matchMedia("(display-mode: standalone)").matches;
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
