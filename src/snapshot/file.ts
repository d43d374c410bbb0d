/**
 * A snapshot as etcd sends it: the database, and then its SHA-256. A file that ends otherwise than a database can,
 * which has whole sectors, ends with such a checksum.
 */
import type { RowList } from "../journal/index.ts";
import { SnapshotError } from "./error.ts";
import { layOut } from "./layout.ts";
import { type RowVisitor, readDatabase } from "./reader.ts";
import { buffered, type Reading } from "./reading.ts";
import { SHA256_BYTES, Sha256 } from "./sha256.ts";
import { writePages } from "./writer.ts";

const SECTOR_BYTES = 512;
const HASHED_BYTES = 256 * 1024;

/** Some bytes of a snapshot, and how many of its database are still to come. */
export interface SnapshotPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly remainingBytes: number;
}

/**
 * A snapshot from its first byte to its last, in parts of a size; the last is the checksum. Where it yields nothing
 * it has been at work for a while, and others may have a turn. The rows must stay as they are.
 */
export function* writeSnapshot(
  buckets: readonly RowList[],
  partBytes: number,
): Generator<SnapshotPart | undefined, void> {
  const layout = yield* layOut(buckets);
  const sha256 = new Sha256();
  let remainingBytes = layout.totalBytes;
  for (const bytes of inParts(writePages(layout), partBytes)) {
    sha256.update(bytes);
    remainingBytes -= bytes.length;
    yield { bytes, remainingBytes };
  }
  yield { bytes: sha256.digest(), remainingBytes };
}

/** The same bytes, divided anew, each part in a buffer of its own. */
function* inParts(pieces: Iterable<Uint8Array>, partBytes: number): Generator<Uint8Array<ArrayBuffer>, void> {
  let part = new Uint8Array(partBytes);
  let used = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(piece.length - at, partBytes - used);
      part.set(piece.subarray(at, at + taken), used);
      at += taken;
      used += taken;
      if (used < partBytes) continue;
      yield part;
      part = new Uint8Array(partBytes);
      used = 0;
    }
  }
  if (used > 0) yield part.subarray(0, used);
}

/**
 * Reads the rows of a snapshot, or of the database of an etcd that is not running, which has no checksum.
 *
 * @param visitorOf as of `readDatabase`
 * @throws SnapshotError for a file that is neither, or damaged; what was visited by then may be anything
 */
export function* readSnapshot(fileBytes: number, visitorOf: (bucket: string) => RowVisitor | undefined): Reading<void> {
  const databaseBytes = fileBytes % SECTOR_BYTES === SHA256_BYTES ? fileBytes - SHA256_BYTES : fileBytes;
  if (databaseBytes < fileBytes) yield* verify(databaseBytes);
  yield* buffered(readDatabase(databaseBytes, visitorOf), databaseBytes);
}

function* verify(databaseBytes: number): Reading<void> {
  const sha256 = new Sha256();
  for (let offset = 0; offset < databaseBytes; offset += HASHED_BYTES) {
    sha256.update(yield { offset, length: Math.min(HASHED_BYTES, databaseBytes - offset) });
  }
  const digest = sha256.digest();
  const expected = yield { offset: databaseBytes, length: SHA256_BYTES };
  if (digest.some((byte, at) => byte !== expected[at])) {
    throw new SnapshotError("the file is damaged: its checksum is not right");
  }
}
