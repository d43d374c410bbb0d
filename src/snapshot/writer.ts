import type { Row } from "../journal/index.ts";
import {
  BUCKET_FLAG,
  BUCKET_HEADER_BYTES,
  CHECKSUM_AT,
  fnv64a,
  MAGIC,
  META_BYTES,
  PAGE_BYTES,
  PageFlag,
  VERSION,
  viewOf,
} from "./format.ts";
import { type BucketLayout, FREELIST_PAGE, type Layout, type Tree } from "./layout.ts";
import { PageBuffer } from "./page.ts";

/** Each meta has the transaction that wrote it: as bbolt's own copies have them, the first is the newer one. */
const META_TRANSACTIONS = [2n, 1n];

/** The file from its start to its end, a page and those behind it at a time; each is good until the next. */
export function* writePages(layout: Layout): Generator<Uint8Array<ArrayBuffer>, void> {
  const page = new PageBuffer();
  for (const [id, transaction] of META_TRANSACTIONS.entries()) {
    page.begin(id, 1, PageFlag.meta, 0);
    page.content(meta(layout, transaction));
    yield page.bytes;
  }
  page.begin(FREELIST_PAGE, 1, PageFlag.freelist, 0);
  yield page.bytes;
  const { buckets, root } = layout;
  for (const bucket of buckets) {
    if (bucket.kind === "tree") yield* treePages(bucket.tree, bucket.rows.length, (at) => bucket.rows.row(at), 0, page);
  }
  yield* treePages(root, buckets.length, (at) => bucketRow(buckets[at] as BucketLayout), BUCKET_FLAG, page);
}

function meta({ root, pages }: Layout, transaction: bigint): Uint8Array {
  const bytes = new Uint8Array(META_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, PAGE_BYTES, true);
  view.setBigUint64(16, BigInt(root.root), true);
  view.setBigUint64(32, BigInt(FREELIST_PAGE), true);
  view.setBigUint64(40, BigInt(pages), true);
  view.setBigUint64(48, transaction, true);
  view.setBigUint64(CHECKSUM_AT, fnv64a(bytes.subarray(0, CHECKSUM_AT)), true);
  return bytes;
}

/** @param flags of the rows of its leaves */
function* treePages(
  { levels }: Tree,
  rows: number,
  rowAt: (row: number) => Row,
  flags: number,
  page: PageBuffer,
): Generator<Uint8Array<ArrayBuffer>, void> {
  for (const [height, level] of levels.entries()) {
    const under = levels[height - 1];
    for (const [at, id] of level.ids.entries()) {
      const start = level.starts[at] as number;
      const end = level.starts[at + 1] ?? under?.ids.length ?? rows;
      const pages = (level.ids[at + 1] ?? level.end) - id;
      page.begin(id, pages, under === undefined ? PageFlag.leaf : PageFlag.branch, end - start);
      for (let element = start; element < end; element++) {
        const row = rowAt(under?.rows[element] ?? element);
        if (under === undefined) page.leaf(flags, row.key, row.value);
        else page.branch(row.key, under.ids[element] as number);
      }
      yield page.bytes;
    }
  }
}

/** What the root bucket says of a bucket: the page of its root, or all that is in it. */
function bucketRow(bucket: BucketLayout): Row {
  const key = Uint8Array.from(bucket.rows.bucket, (character) => character.charCodeAt(0));
  const value = new Uint8Array(BUCKET_HEADER_BYTES + (bucket.kind === "inline" ? bucket.bytes : 0));
  if (bucket.kind === "tree") {
    viewOf(value).setBigUint64(0, BigInt(bucket.tree.root), true);
  } else {
    const page = new PageBuffer();
    page.beginInline(bucket.bytes, bucket.rows.length);
    for (let at = 0; at < bucket.rows.length; at++) {
      const row = bucket.rows.row(at);
      page.leaf(0, row.key, row.value);
    }
    value.set(page.bytes, BUCKET_HEADER_BYTES);
  }
  return { key, value };
}
