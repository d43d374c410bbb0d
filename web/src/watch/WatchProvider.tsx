import { type ReactNode, useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { streamsOf } from "../live/index.ts";
import { WatchesContext } from "./context.ts";
import { Watches } from "./watches.ts";

/** Keeps the watches of a connection going, whatever screen is open and whether the dock is. */
export function WatchProvider({ children }: { readonly children: ReactNode }) {
  const connection = useConnection();
  const [watches] = useState(() => new Watches(streamsOf(connection)));
  useEffect(() => () => watches.close(), [watches]);
  return <WatchesContext value={watches}>{children}</WatchesContext>;
}
