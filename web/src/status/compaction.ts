/** The compact revision, which no etcd tells when asked; a watch from revision 1 is refused with it. */
import { create } from "@bufbuild/protobuf";
import { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { watchStreamsOf } from "../live/index.ts";
import type { Connection } from "../store/connection.ts";

/** How long etcd may take to look at a watcher that starts in the past: it does so ten times a second. */
const LOOK_MS = 1_500;

/** 0 where nothing was compacted; undefined where it cannot be known. */
export async function compactRevisionOf(connection: Connection, signal: AbortSignal): Promise<number | undefined> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  // No key has this name, so that nothing of the history comes along.
  const key = Uint8Array.of(0, 0xff, 0, 0xff);
  const request = create(WatchCreateRequestSchema, { key, startRevision: 1n });
  let created = false;
  try {
    for await (const response of watchStreamsOf(connection.transport)(request, enough)) {
      if (response.compactRevision > 0n) return Number(response.compactRevision);
      if (response.canceled) return undefined;
      created ||= response.created;
    }
  } catch {
    // Out of time: a watcher that was made and not refused has its history.
  }
  return created && !signal.aborted ? 0 : undefined;
}
