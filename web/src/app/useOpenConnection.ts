import { useLayoutEffect, useState } from "react";
import { type Connection, connect } from "../store/connection.ts";
import { DEFAULT_STORE, type Endpoint, formatEndpoint, parseEndpoint } from "../store/endpoint.ts";
import { preferences, setPreferences } from "./preferences.ts";

export interface Opened {
  readonly connection: Connection | undefined;
  /** Why there is none; undefined while it is being opened. */
  readonly error: unknown;
}

const REMEMBERED_ENDPOINTS = 12;

/** Opens what the URL names, or else what was used last, or else the store in this browser. */
export function useOpenConnection(wanted: string | undefined): Opened {
  const id = wanted ?? preferences.value.endpoints[0] ?? defaultEndpoint();
  const [opened, setOpened] = useState<Opened & { readonly id: string }>();
  // Before the page is painted: what can be shown at once is the first that is seen.
  useLayoutEffect(() => {
    let left = false;
    let connection: Connection | undefined;
    const endpoint = parseEndpoint(id);
    const show = (opening: Connection): void => {
      connection = opening;
      if (left) {
        connection.close();
        return;
      }
      if (endpoint !== undefined) remember(endpoint);
      setOpened({ id, connection, error: undefined });
    };
    const fail = (error: unknown): void => {
      if (!left) setOpened({ id, connection: undefined, error });
    };
    if (endpoint === undefined) fail(new Error(`“${id}” is neither a store in this browser nor an http(s) URL`));
    else {
      const opening = connect(endpoint);
      if (opening instanceof Promise) opening.then(show, fail);
      else show(opening);
    }
    return () => {
      left = true;
      connection?.close();
    };
  }, [id]);
  // Until the new one is open nothing of the old one may be shown as if it were the new one's.
  return opened?.id === id ? opened : { connection: undefined, error: undefined };
}

/** A page that a server hands out explores that server; one from anywhere else, the store in this browser. */
function defaultEndpoint(): string {
  const served = document.querySelector('meta[name="etcdlite-server"]') !== null;
  const endpoint: Endpoint = served
    ? { kind: "server", url: new URL(".", location.href).href.replace(/\/$/, ""), protocol: "grpc-web" }
    : { kind: "browser", name: DEFAULT_STORE };
  return formatEndpoint(endpoint);
}

function remember(endpoint: Endpoint): void {
  const id = formatEndpoint(endpoint);
  const others = preferences.value.endpoints.filter((one) => one !== id);
  setPreferences({ endpoints: [id, ...others].slice(0, REMEMBERED_ENDPOINTS) });
}
