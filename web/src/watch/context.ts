import { createContext, useContext } from "react";
import type { Watches } from "./watches.ts";

export const WatchesContext = createContext<Watches | undefined>(undefined);

/** The watches of the connection that the page shows; whoever adds one opens the dock by `go({ dock: "watch" })`. */
export function useWatches(): Watches {
  const watches = useContext(WatchesContext);
  if (watches === undefined) throw new Error("useWatches outside of WatchProvider");
  return watches;
}
