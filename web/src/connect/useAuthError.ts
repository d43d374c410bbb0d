import type { ConnectError } from "@connectrpc/connect";
import { useMemo } from "react";
import type { Connection } from "../store/connection.ts";
import { useCell } from "../ui/index.ts";
import { isAuthError } from "./explain.ts";

/** etcd answers Status to anyone: that a user is wanted shows in the last call of the others. */
export function useAuthError(connection: Connection): ConnectError | undefined {
  const entries = useCell(connection.requests.entries);
  return useMemo(() => {
    const last = entries.findLast((entry) => entry.durationMs !== undefined && !/\/Status$/.test(entry.method));
    return last?.error !== undefined && isAuthError(last.error) ? last.error : undefined;
  }, [entries]);
}
