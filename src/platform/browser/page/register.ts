import type { BrowserStore } from "../store.ts";

export interface ServiceWorkerOptions {
  /** A script that calls `serveStores` of `etcdlite/browser/service-worker`. */
  readonly scriptUrl: string | URL;
  /** The part of the site whose pages it serves; this page must be in it. Default: the script's folder. */
  readonly scope?: string;
  readonly store: Pick<BrowserStore, "name">;
  /** Default `module`. */
  readonly type?: WorkerType;
}

const CONTROL_TIMEOUT_MS = 10_000;

/**
 * Has a service worker answer for a store, so that clients that know only URLs can use it: give `baseUrl` to
 * connect-web. It answers as long as a page with the store open is there.
 *
 * @throws Error where there can be no service worker, or it does not come to serve this page
 */
export async function serveByServiceWorker(options: ServiceWorkerOptions): Promise<{ readonly baseUrl: string }> {
  const { scriptUrl, scope, store, type = "module" } = options;
  if (!("serviceWorker" in navigator)) {
    throw new Error("this browser lets the page have no service worker: it needs a secure context, https or localhost");
  }
  const registration = await navigator.serviceWorker.register(scriptUrl, { scope, type });
  if (!location.href.startsWith(registration.scope)) {
    throw new Error(`this page, ${location.href}, is not in the service worker's scope, ${registration.scope}`);
  }
  await controlledBy(registration);
  const base = registration.scope.replace(/\/$/, "");
  return { baseUrl: store.name === "default" ? base : `${base}/${encodeURIComponent(store.name)}` };
}

/** Settles when the page's requests go through the registration's newest worker. */
async function controlledBy(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const { serviceWorker } = navigator;
  const isThere = (): boolean =>
    worker?.state === "activated" && serviceWorker.controller?.scriptURL === worker.scriptURL;
  await new Promise<void>((resolve, reject) => {
    const done = (finish: () => void): void => {
      clearTimeout(timer);
      worker?.removeEventListener("statechange", check);
      serviceWorker.removeEventListener("controllerchange", check);
      finish();
    };
    const check = (): void => {
      if (isThere()) done(resolve);
      else if (worker?.state === "redundant")
        done(() => reject(new Error("the service worker could not be installed")));
    };
    const timer = setTimeout(() => {
      // A page that was reloaded past its service worker has none until the next load.
      done(() =>
        reject(new Error(`the service worker did not come to serve this page within ${CONTROL_TIMEOUT_MS} ms`)),
      );
    }, CONTROL_TIMEOUT_MS);
    worker?.addEventListener("statechange", check);
    serviceWorker.addEventListener("controllerchange", check);
    check();
  });
}
