/**
 * Where everything goes in a file, told from the sizes of rows alone:
 *
 *     0 1      2          3 …                                           … the last
 *     metas    freelist   a bucket's leaves, its branches, its root     the next bucket …   the root bucket
 *
 * A page takes rows until it is full, as they are never inserted here; one that is larger than a page has pages
 * of its own. A branch has two children at least: bbolt relies on that when it deletes.
 */
import type { RowList } from "../journal/index.ts";
import { BUCKET_HEADER_BYTES, ELEMENT_BYTES, PAGE_BYTES, PAGE_HEADER_BYTES } from "./format.ts";

/** Rows as far as it takes to lay them out. */
export type RowSizes = Pick<RowList, "length" | "keySize" | "valueSize">;

/** Pages of a tree that are equally far from its root, from left to right. */
export interface Level {
  readonly ids: readonly number[];
  /** The page behind the last one. */
  readonly end: number;
  /** The first row of a page of leaves, or the first page under a branch. */
  readonly starts: readonly number[];
  /** The first row under a page, whose key is the page's. */
  readonly rows: readonly number[];
}

export interface Tree {
  /** The leaves first, the root last. */
  readonly levels: readonly Level[];
  readonly root: number;
  /** The page behind the last one. */
  readonly end: number;
}

/** A bucket in pages of its own, or, where it is small, in the row that is for it in the root. */
export type BucketLayout =
  | { readonly kind: "tree"; readonly rows: RowList; readonly tree: Tree }
  | { readonly kind: "inline"; readonly rows: RowList; readonly bytes: number };

export interface Layout {
  /** In the order of their names. */
  readonly buckets: readonly BucketLayout[];
  readonly root: Tree;
  readonly pages: number;
  readonly totalBytes: number;
}

export const FREELIST_PAGE = 2;
const FIRST_PAGE = 3;
const MAX_INLINE_BYTES = PAGE_BYTES / 4;
const MIN_BRANCH_CHILDREN = 2;
/** As many rows are looked at before others get a turn. */
const ROWS_PER_STEP = 20_000;

/** Lays out buckets, step by step: it yields now and then, for others to get a turn. */
export function* layOut(lists: readonly RowList[]): Generator<undefined, Layout> {
  const sorted = [...lists].sort((a, b) => (a.bucket < b.bucket ? -1 : 1));
  const buckets: BucketLayout[] = [];
  let next = FIRST_PAGE;
  for (const rows of sorted) {
    const bytes = inlineBytes(rows);
    if (bytes !== undefined) {
      buckets.push({ kind: "inline", rows, bytes });
      continue;
    }
    const tree = yield* plant(rows, next);
    buckets.push({ kind: "tree", rows, tree });
    next = tree.end;
  }
  const root = yield* plant(rootSizes(buckets), next);
  return { buckets, root, pages: root.end, totalBytes: root.end * PAGE_BYTES };
}

/** The root bucket's rows: a name, and the bucket's header with what is inline. */
function rootSizes(buckets: readonly BucketLayout[]): RowSizes {
  return {
    length: buckets.length,
    keySize: (at) => (buckets[at] as BucketLayout).rows.bucket.length,
    valueSize: (at) => {
      const bucket = buckets[at] as BucketLayout;
      return BUCKET_HEADER_BYTES + (bucket.kind === "inline" ? bucket.bytes : 0);
    },
  };
}

/** Bytes of the page in which rows go inline; undefined where they are too much for that. */
function inlineBytes(rows: RowSizes): number | undefined {
  let bytes = PAGE_HEADER_BYTES;
  for (let at = 0; at < rows.length; at++) {
    bytes += ELEMENT_BYTES + rows.keySize(at) + rows.valueSize(at);
    if (bytes > MAX_INLINE_BYTES) return undefined;
  }
  return bytes;
}

/** @param first the page that its leaves begin at */
function* plant(rows: RowSizes, first: number): Generator<undefined, Tree> {
  const leafBytes = (row: number): number => ELEMENT_BYTES + rows.keySize(row) + rows.valueSize(row);
  const leaves = yield* pack(rows.length, leafBytes);
  let level: Level = { ...number(leaves.bytes, first), starts: leaves.starts, rows: leaves.starts };
  const levels = [level];
  while (level.ids.length > 1) {
    const under: Level = level;
    const branchBytes = (child: number): number => ELEMENT_BYTES + rows.keySize(under.rows[child] as number);
    const starts = inPairs((yield* pack(under.ids.length, branchBytes)).starts, under.ids.length);
    const numbered = number(bytesOfPages(starts, under.ids.length, branchBytes), under.end);
    level = { ...numbered, starts, rows: starts.map((child) => under.rows[child] as number) };
    levels.push(level);
  }
  return { levels, root: level.ids[0] as number, end: level.end };
}

/** Where pages begin that take elements until they are full, and their sizes; one at least, be it empty. */
function* pack(
  count: number,
  bytesOf: (element: number) => number,
): Generator<undefined, { starts: number[]; bytes: number[] }> {
  const starts = [0];
  const sizes: number[] = [];
  let bytes = PAGE_HEADER_BYTES;
  for (let element = 0; element < count; element++) {
    const more = bytesOf(element);
    if (bytes + more > PAGE_BYTES && element > (starts[starts.length - 1] as number)) {
      starts.push(element);
      sizes.push(bytes);
      bytes = PAGE_HEADER_BYTES;
    }
    bytes += more;
    if (element % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield undefined;
  }
  sizes.push(bytes);
  return { starts, bytes: sizes };
}

/** The same with two elements a page at least, which may then be more than fits in one. */
function inPairs(starts: readonly number[], count: number): number[] {
  const pairs: number[] = [];
  for (const start of starts) {
    const last = pairs[pairs.length - 1];
    if (last === undefined || start - last >= MIN_BRANCH_CHILDREN) pairs.push(start);
  }
  const last = pairs[pairs.length - 1] as number;
  if (count - last >= MIN_BRANCH_CHILDREN) return pairs;
  pairs.pop();
  // One that is left over takes another from the page before it, or goes there.
  const before = pairs[pairs.length - 1] as number;
  if (last - before > MIN_BRANCH_CHILDREN) pairs.push(count - MIN_BRANCH_CHILDREN);
  return pairs;
}

function bytesOfPages(starts: readonly number[], count: number, bytesOf: (element: number) => number): number[] {
  return starts.map((start, page) => {
    const end = starts[page + 1] ?? count;
    let bytes = PAGE_HEADER_BYTES;
    for (let element = start; element < end; element++) bytes += bytesOf(element);
    return bytes;
  });
}

/** The IDs of pages of these sizes one after the other, each with as many behind it as it needs. */
function number(sizes: readonly number[], first: number): Pick<Level, "ids" | "end"> {
  let end = first;
  const ids = sizes.map((bytes) => {
    const id = end;
    end += Math.ceil(bytes / PAGE_BYTES);
    return id;
  });
  return { ids, end };
}
