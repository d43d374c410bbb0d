import { SnapshotError } from "./error.ts";
import { BUCKET_FLAG, BUCKET_HEADER_BYTES, viewOf } from "./format.ts";
import { readMeta } from "./meta.ts";
import { damaged, inlinePage, type LeafElement, type Page, Pages } from "./pages.ts";
import type { Reading } from "./reading.ts";

/** Told of rows in the order of their keys; the bytes are parts of something larger. */
export type RowVisitor = (key: Uint8Array, value: Uint8Array) => void;

/** More than a tree of all the pages there can be has, if its branches have two children. */
const MAX_DEPTH = 48;

/** Keys that may be under a page: from one on, and before another. */
interface Bounds {
  readonly from: Uint8Array | undefined;
  readonly before: Uint8Array | undefined;
}

const UNBOUNDED: Bounds = { from: undefined, before: undefined };

/**
 * Reads all buckets of a database, and of those that somebody wants to know the rows.
 *
 * @param visitorOf asked for each bucket, by the order of their names
 * @throws SnapshotError for a file that is not what bbolt writes; what was visited by then may be anything
 */
export function* readDatabase(fileBytes: number, visitorOf: (bucket: string) => RowVisitor | undefined): Reading<void> {
  const meta = yield* readMeta(fileBytes);
  if (meta.pages > BigInt(Math.floor(fileBytes / meta.pageBytes))) {
    throw new SnapshotError(
      `the file is cut short: it has ${fileBytes} of ${meta.pages * BigInt(meta.pageBytes)} bytes`,
    );
  }
  const pages = new Pages(meta.pageBytes, Number(meta.pages));
  const buckets: LeafElement[] = [];
  yield* new TreeReader(pages, (bucket) => buckets.push(bucket)).read(meta.root);
  for (const { flags, key, value } of buckets) {
    if (flags !== BUCKET_FLAG || value.length < BUCKET_HEADER_BYTES) throw damaged("a row is outside of all buckets");
    const visit = visitorOf(String.fromCharCode(...key.subarray(0, 100)));
    if (visit === undefined) continue;
    const tree = new TreeReader(pages, (row) => {
      if (row.flags !== 0) throw damaged("a bucket is inside of another");
      visit(row.key, row.value);
    });
    const root = viewOf(value).getBigUint64(0, true);
    if (root === 0n) tree.leaf(inlinePage(value.subarray(BUCKET_HEADER_BYTES)));
    else yield* tree.read(root);
  }
}

/** Goes through a tree's leaves from left to right. */
class TreeReader {
  readonly #pages: Pages;
  readonly #visit: (element: LeafElement) => void;
  #last: Uint8Array | undefined;

  constructor(pages: Pages, visit: (element: LeafElement) => void) {
    this.#pages = pages;
    this.#visit = visit;
  }

  *read(id: bigint, bounds = UNBOUNDED, depth = 0): Reading<void> {
    if (depth > MAX_DEPTH) throw damaged(`page ${id} is too deep`);
    const page = yield* this.#pages.read(id);
    if (page.kind === "leaf") {
      this.leaf(page, bounds);
      return;
    }
    for (const [at, { key, page: child }] of page.elements.entries()) {
      const before = page.elements[at + 1]?.key ?? bounds.before;
      checkBounds(page, key, { from: page.elements[at - 1]?.key ?? bounds.from, before });
      yield* this.read(child, { from: key, before }, depth + 1);
    }
  }

  leaf(page: Page, bounds = UNBOUNDED): void {
    if (page.kind !== "leaf") throw damaged("a bucket has no leaves");
    for (const element of page.elements) {
      const { key } = element;
      checkBounds(page, key, bounds);
      if (this.#last !== undefined && compare(this.#last, key) >= 0) throw damaged(`page ${page.id} is out of order`);
      this.#last = key;
      this.#visit(element);
    }
  }
}

function checkBounds(page: Page, key: Uint8Array, { from, before }: Bounds): void {
  const isIn = (from === undefined || compare(from, key) <= 0) && (before === undefined || compare(key, before) < 0);
  if (!isIn) throw damaged(`page ${page.id} has a key out of order`);
}

/** The order of bytes; a key comes before those that it begins. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
