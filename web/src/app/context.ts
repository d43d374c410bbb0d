import { createContext, useContext } from "react";
import type { Connection } from "../store/connection.ts";

export const ConnectionContext = createContext<Connection | undefined>(undefined);

/** The store that the page shows; only for what is drawn inside a connected page. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (connection === undefined) throw new Error("useConnection outside of a connection");
  return connection;
}
