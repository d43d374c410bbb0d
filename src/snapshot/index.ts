/** Snapshots as etcd's: a bbolt file and its checksum, written from rows and read back. */
export { SnapshotError } from "./error.ts";
export { readSnapshot, type SnapshotPart, writeSnapshot } from "./file.ts";
export type { RowVisitor } from "./reader.ts";
export { type Reading, type ReadRequest, readBytes } from "./reading.ts";
export { SHA256_BYTES, Sha256 } from "./sha256.ts";
