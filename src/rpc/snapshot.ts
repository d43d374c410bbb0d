import { create } from "@bufbuild/protobuf";
import { type SnapshotResponse, SnapshotResponseSchema } from "../gen/etcdserverpb/maintenance_pb.ts";
import { databaseRowsOf, type Etcd } from "../server/index.ts";
import { type SnapshotPart, writeSnapshot } from "../snapshot/index.ts";

/** As etcd sends them. */
const PART_BYTES = 32 * 1024;
/** As much is made before others get a turn. */
const BYTES_PER_TURN = 8 * PART_BYTES;

/**
 * An etcd's snapshot as it is when the first part is asked for. Parts are made as they are asked for; in between
 * others get their turn.
 */
export async function* snapshotParts(etcd: Etcd): AsyncGenerator<SnapshotPart> {
  let madeBytes = 0;
  for (const part of writeSnapshot(databaseRowsOf(etcd), PART_BYTES)) {
    if (part !== undefined) {
      yield part;
      madeBytes += part.bytes.length;
    }
    if (part !== undefined && madeBytes < BYTES_PER_TURN) continue;
    madeBytes = 0;
    await new Promise((resolve) => setTimeout(resolve, 0));
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
