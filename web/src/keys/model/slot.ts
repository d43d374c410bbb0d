import { compareBytes, mapKey } from "../../store/bytes.ts";
import type { FolderNode } from "./foldernode.ts";
import { lowerBound } from "./paths.ts";
import type { Child, KeyInfo } from "./source.ts";

/** A child that is loaded, as it stands in the list. */
export interface Entry {
  readonly path: Uint8Array;
  chain: Uint8Array;
  /** Undefined for a folder. */
  info: KeyInfo | undefined;
  /** What is in the folder, while it is open. */
  node: FolderNode | undefined;
  /** When a change of it came in, as Date.now gives it; 0 for never. */
  changedAtMs: number;
}

export interface OpenFolder {
  readonly at: number;
  readonly node: FolderNode;
}

export function entryOf({ path, chain, info }: Child, changedAtMs = 0): Entry {
  return { path, chain, info, node: undefined, changedAtMs };
}

/** How a load stands. */
export type LoadState = "idle" | "loading" | "failed";

/**
 * A stretch of a folder's children, from its start up to the start of the next one. What is in it can be let go
 * and loaded again: its size stays.
 */
export class Slot {
  readonly start: Uint8Array;
  /** Undefined while they are not loaded. */
  entries: Entry[] | undefined;
  /** Everything up to it is in the entries, or in the size where there are none. */
  revision: number;
  state: LoadState = "idle";
  error: unknown;
  /** Something changed that only reading it again can tell. */
  isStale = false;
  loadedAtMs = 0;
  /** Of the view's looks at the list, the last one that this was part of. */
  lastLook = 0;
  /** Rows of the folder before this; children of the folder before this. Set by the folder's layout. */
  firstRow = 0;
  firstPosition = 0;
  /** The folders that are open in it, in order, with their indexes. Set by the folder's layout. */
  open: readonly OpenFolder[] = [];
  #size: number;

  constructor(start: Uint8Array, size: number, revision: number) {
    this.start = start;
    this.#size = size;
    this.revision = revision;
  }

  get size(): number {
    return this.entries?.length ?? this.#size;
  }

  /** Of children that are not loaded. */
  resize(change: number): void {
    this.#size = Math.max(0, this.#size + change);
  }

  get openFolders(): OpenFolder[] {
    const open: OpenFolder[] = [];
    for (const [at, { node }] of this.entries?.entries() ?? []) {
      if (node !== undefined) open.push({ at, node });
    }
    return open;
  }

  indexOf(path: Uint8Array): number {
    const at = lowerBound(this.entries ?? [], path);
    const found = this.entries?.[at];
    return found !== undefined && compareBytes(found.path, path) === 0 ? at : -1;
  }

  insert(entry: Entry): void {
    this.entries?.splice(lowerBound(this.entries, entry.path), 0, entry);
  }

  remove(path: Uint8Array): void {
    const at = this.indexOf(path);
    if (at !== -1) this.entries?.splice(at, 1);
  }

  /** Takes what was read, keeping what is open, and marking what has changed. */
  fill(children: readonly Child[], revision: number, nowMs: number): void {
    const held = new Map(this.entries?.map((entry) => [mapKey(entry.path), entry]));
    const isFirst = this.entries === undefined;
    this.entries = children.map((child) => {
      const before = held.get(mapKey(child.path));
      if (before === undefined) return entryOf(child, isFirst ? 0 : nowMs);
      if (before.info?.modRevision !== child.info?.modRevision) before.changedAtMs = nowMs;
      before.info = child.info;
      before.chain = child.chain;
      return before;
    });
    this.revision = revision;
    this.isStale = false;
    this.loadedAtMs = nowMs;
    this.state = "idle";
    this.error = undefined;
  }

  /** Lets the entries go. */
  drop(): void {
    this.#size = this.size;
    this.entries = undefined;
  }

  /** The second half of what has grown too long. */
  split(): Slot | undefined {
    const half = this.entries?.splice(this.entries.length >>> 1);
    const start = half?.[0]?.path;
    if (half === undefined || start === undefined) return undefined;
    const second = new Slot(start, half.length, this.revision);
    second.entries = half;
    second.loadedAtMs = this.loadedAtMs;
    second.lastLook = this.lastLook;
    second.isStale = this.isStale;
    return second;
  }
}
