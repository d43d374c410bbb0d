import type { StatusResponse } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { useConnection } from "../app/context.ts";
import { compactRevisionOf } from "./compaction.ts";
import { type Loaded, useLoaded } from "./useLoaded.ts";

const STATUS_EVERY_MS = 5_000;

export interface Position {
  readonly status: Loaded<StatusResponse>;
  /** See compaction.ts. */
  readonly compactRevision: Loaded<number | undefined>;
  /** Both anew. */
  readonly reload: () => void;
}

/** Where the store stands: its status, and how far back it can be read. */
export function usePosition(): Position {
  const connection = useConnection();
  const { clients, id } = connection;
  const status = useLoaded((signal) => clients.maintenance.status({}, { signal }), id, STATUS_EVERY_MS);
  const compactRevision = useLoaded((signal) => compactRevisionOf(connection, signal), id);
  const reload = (): void => {
    status.reload();
    compactRevision.reload();
  };
  return { status, compactRevision, reload };
}
