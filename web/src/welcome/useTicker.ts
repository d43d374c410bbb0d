import { createClient } from "@connectrpc/connect";
import { useEffect } from "react";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { Connection } from "../store/connection.ts";
import { CLOCK_KEY } from "./sample.ts";
import { pageEnvironment, runTicker } from "./ticker.ts";
import { setTour } from "./tour.ts";

/** Keeps the live ticker going while it may. */
export function useTicker({ browserStore, revision }: Connection, ticking: boolean): void {
  useEffect(() => {
    if (!ticking || browserStore === undefined) return;
    const abort = new AbortController();
    // Past the log of requests: a line a second would drown the user's own.
    const kv = createClient(KV, browserStore.transport);
    const environment = pageEnvironment(async (value, signal) => {
      try {
        const { header } = await kv.put({ key: CLOCK_KEY, value }, { signal });
        revision.update((held) => Math.max(held, Number(header?.revision ?? 0n)));
      } catch {
        // The next second may find the store again.
      }
    });
    void runTicker(environment, abort.signal).then(() => {
      if (!abort.signal.aborted) setTour({ ticking: false });
    });
    return () => abort.abort();
  }, [browserStore, revision, ticking]);
}
