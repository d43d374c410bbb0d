import { SnapshotError } from "./error.ts";
import { ELEMENT_BYTES, PAGE_HEADER_BYTES, PageFlag, viewOf } from "./format.ts";
import type { Reading } from "./reading.ts";

/** Longer than any that an etcd writes: a request of the most that gRPC takes fits in. */
const MAX_RUN_BYTES = 2 ** 31;

export type Page = LeafPage | BranchPage;

export interface LeafPage {
  readonly kind: "leaf";
  readonly id: number;
  readonly elements: readonly LeafElement[];
}

export interface LeafElement {
  readonly flags: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface BranchPage {
  readonly kind: "branch";
  readonly id: number;
  readonly elements: ReadonlyArray<{ readonly key: Uint8Array; readonly page: bigint }>;
}

/** The pages of a file, each of which is read once at most: a file in which pages are shared has circles, or lies. */
export class Pages {
  readonly #pageBytes: number;
  readonly #count: number;
  readonly #seen: Uint8Array;

  /** @param count of pages, all of which are in the file */
  constructor(pageBytes: number, count: number) {
    this.#pageBytes = pageBytes;
    this.#count = count;
    this.#seen = new Uint8Array(Math.ceil(count / 8));
  }

  /** @throws SnapshotError for one that is not what it should be */
  *read(id: bigint): Reading<Page> {
    if (id < 2n || id >= BigInt(this.#count)) throw damaged(`there is no page ${id}`);
    const number = Number(id);
    const offset = number * this.#pageBytes;
    const head = yield { offset, length: this.#pageBytes };
    const view = viewOf(head);
    if (view.getBigUint64(0, true) !== id) throw damaged(`page ${id} says that it is another`);
    const pages = 1 + view.getUint32(12, true);
    if (number + pages > this.#count) throw damaged(`page ${id} goes on behind the end of the file`);
    const length = pages * this.#pageBytes;
    if (length > MAX_RUN_BYTES) throw damaged(`page ${id} has ${length} bytes`);
    for (let page = number; page < number + pages; page++) this.#take(page);
    return parsePage(number, pages === 1 ? head : yield { offset, length });
  }

  #take(page: number): void {
    const bit = 1 << (page & 7);
    const byte = this.#seen[page >>> 3] as number;
    if ((byte & bit) !== 0) throw damaged(`page ${page} is in two places`);
    this.#seen[page >>> 3] = byte | bit;
  }
}

/** The page that a bucket has in its row. @throws SnapshotError */
export function inlinePage(bytes: Uint8Array): Page {
  if (bytes.length < PAGE_HEADER_BYTES) throw damaged("a bucket is cut short");
  return parsePage(0, bytes);
}

export function damaged(how: string): SnapshotError {
  return new SnapshotError(`the file is damaged: ${how}`);
}

function parsePage(id: number, bytes: Uint8Array): Page {
  const view = viewOf(bytes);
  const flags = view.getUint16(8, true);
  const count = view.getUint16(10, true);
  if (PAGE_HEADER_BYTES + count * ELEMENT_BYTES > bytes.length) throw damaged(`page ${id} has too many elements`);
  if (flags === PageFlag.leaf) return { kind: "leaf", id, elements: leafElements(id, bytes, view, count) };
  if (flags === PageFlag.branch) return { kind: "branch", id, elements: branchElements(id, bytes, view, count) };
  throw damaged(`page ${id} is of kind ${flags}`);
}

function leafElements(id: number, bytes: Uint8Array, view: DataView, count: number): LeafElement[] {
  const parts = new Parts(id, bytes, count);
  return Array.from({ length: count }, (_, element) => {
    const at = PAGE_HEADER_BYTES + element * ELEMENT_BYTES;
    const start = at + view.getUint32(at + 4, true);
    const keyEnd = start + view.getUint32(at + 8, true);
    const valueEnd = keyEnd + view.getUint32(at + 12, true);
    return { flags: view.getUint32(at, true), key: parts.key(start, keyEnd), value: parts.take(keyEnd, valueEnd) };
  });
}

function branchElements(id: number, bytes: Uint8Array, view: DataView, count: number): BranchPage["elements"] {
  if (count === 0) throw damaged(`page ${id} is a branch without children`);
  const parts = new Parts(id, bytes, count);
  return Array.from({ length: count }, (_, element) => {
    const at = PAGE_HEADER_BYTES + element * ELEMENT_BYTES;
    const start = at + view.getUint32(at, true);
    return { key: parts.key(start, start + view.getUint32(at + 4, true)), page: view.getBigUint64(at + 8, true) };
  });
}

/** A page's keys and values, which stand one behind the other: where they overlap, little could become very much. */
class Parts {
  readonly #id: number;
  readonly #bytes: Uint8Array;
  #end: number;

  constructor(id: number, bytes: Uint8Array, elements: number) {
    this.#id = id;
    this.#bytes = bytes;
    this.#end = PAGE_HEADER_BYTES + elements * ELEMENT_BYTES;
  }

  take(start: number, end: number): Uint8Array {
    if (start < this.#end || end > this.#bytes.length) throw damaged(`page ${this.#id} has an element out of place`);
    this.#end = end;
    return this.#bytes.subarray(start, end);
  }

  key(start: number, end: number): Uint8Array {
    if (start === end) throw damaged(`page ${this.#id} has an empty key`);
    return this.take(start, end);
  }
}
