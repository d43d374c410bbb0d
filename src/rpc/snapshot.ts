import { create } from "@bufbuild/protobuf";
import { type SnapshotResponse, SnapshotResponseSchema } from "../gen/etcdserverpb/maintenance_pb.ts";
import { databaseRowsOf, type Etcd } from "../server/index.ts";
import { type SnapshotPart, writeSnapshot } from "../snapshot/index.ts";
import { Turn } from "./slices.ts";

/** As etcd sends them. */
const PART_BYTES = 32 * 1024;

/**
 * An etcd's snapshot as it is when the first part is asked for. Parts are made as they are asked for; in between
 * others get their turn.
 */
export async function* snapshotParts(etcd: Etcd): AsyncGenerator<SnapshotPart> {
  const turn = new Turn();
  for (const part of writeSnapshot(databaseRowsOf(etcd), PART_BYTES)) {
    if (part !== undefined) yield part;
    if (turn.isOver) await turn.pass();
  }
}

/** The messages of Maintenance.Snapshot, none of which has a header; the last one is the checksum (rule MA2). */
export async function* snapshotMessages(etcd: Etcd): AsyncGenerator<SnapshotResponse> {
  const version = etcd.versions.cluster;
  for await (const { bytes, remainingBytes } of snapshotParts(etcd)) {
    const response = create(SnapshotResponseSchema);
    response.blob = bytes;
    response.remainingBytes = BigInt(remainingBytes);
    response.version = version;
    yield response;
  }
}
