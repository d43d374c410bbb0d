import { SnapshotError } from "./error.ts";
import { CHECKSUM_AT, fnv64a, MAGIC, META_BYTES, PAGE_HEADER_BYTES, VERSION, viewOf } from "./format.ts";
import type { Reading } from "./reading.ts";

/** What a file says of itself. */
export interface Meta {
  readonly pageBytes: number;
  /** The page of the root bucket's root. */
  readonly root: bigint;
  /** As many pages there are. */
  readonly pages: bigint;
  readonly transaction: bigint;
}

const MIN_PAGE_BYTES = 1024;
/** The largest there is of a machine whose etcd could have written the file. */
const MAX_PAGE_BYTES = 64 * 1024;

/** The newer of the two metas, or the one that is whole. @throws SnapshotError where none is */
export function* readMeta(fileBytes: number): Reading<Meta> {
  if (fileBytes < 2 * MIN_PAGE_BYTES) throw new SnapshotError(`a file of ${fileBytes} bytes is no snapshot of an etcd`);
  const first = yield* metaAt(0);
  if (typeof first !== "string") {
    const second = yield* metaAt(first.pageBytes, fileBytes);
    return typeof second !== "string" && second.transaction > first.transaction ? second : first;
  }
  // Without the first one it is not known how long its page is.
  for (let pageBytes = MIN_PAGE_BYTES; pageBytes <= MAX_PAGE_BYTES; pageBytes *= 2) {
    const second = yield* metaAt(pageBytes, fileBytes);
    if (typeof second !== "string" && second.pageBytes === pageBytes) return second;
  }
  throw new SnapshotError(first);
}

/** A string says why there is none. */
function* metaAt(pageAt: number, fileBytes = Number.POSITIVE_INFINITY): Reading<Meta | string> {
  const offset = pageAt + PAGE_HEADER_BYTES;
  if (offset + META_BYTES > fileBytes) return "the file is cut short";
  const bytes = yield { offset, length: META_BYTES };
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== MAGIC) return "the file is no snapshot of an etcd, nor its database";
  const version = view.getUint32(4, true);
  if (version !== VERSION) return `the file has version ${version} of its format; known is version ${VERSION}`;
  if (view.getBigUint64(CHECKSUM_AT, true) !== fnv64a(bytes.subarray(0, CHECKSUM_AT))) {
    return "the file is damaged: the checksums of its head are not right";
  }
  const pageBytes = view.getUint32(8, true);
  if (pageBytes < MIN_PAGE_BYTES || pageBytes > MAX_PAGE_BYTES || (pageBytes & (pageBytes - 1)) !== 0) {
    return `the file is damaged: it has pages of ${pageBytes} bytes`;
  }
  return {
    pageBytes,
    root: view.getBigUint64(16, true),
    pages: view.getBigUint64(40, true),
    transaction: view.getBigUint64(48, true),
  };
}
