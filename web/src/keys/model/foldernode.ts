/**
 * The children of one open folder as slots, and the rows they make:
 *
 *     slot 0   a, b/, c        loaded, b/ open with two rows of its own     5 rows
 *     slot 1   (500)           let go or not loaded yet                   500 rows
 *     …
 *     more                     where what has not been listed begins        1 row
 *
 * Rows are found by number without a list of them all, so a folder may have a million.
 */
import { compareBytes, mapKey, startsWith } from "../../store/bytes.ts";
import { growthOf, type KeyChange } from "./change.ts";
import { commonFolder, folderOf } from "./paths.ts";
import { type Entry, entryOf, type LoadState, type Slot } from "./slot.ts";

const MAX_SLOT_ENTRIES = 1_000;

export type Row =
  | {
      readonly kind: "entry";
      readonly id: string;
      readonly level: number;
      readonly entry: Entry;
      /** Counted from 1 among the folder's children. */
      readonly position: number;
      /** -1 while it is not known. */
      readonly setSize: number;
      readonly folder: FolderNode;
    }
  | { readonly kind: "pending"; readonly id: string; readonly level: number; readonly slot: Slot }
  | { readonly kind: "more"; readonly id: string; readonly level: number; readonly folder: FolderNode };

export interface FolderShape {
  /** `undefined`: every key is a child, there are no folders. */
  readonly delimiter: Uint8Array | undefined;
  /** Told of the second half of a slot that grew too long. */
  readonly onSplit: (slot: Slot) => void;
}

export class FolderNode {
  readonly prefix: Uint8Array;
  /** Of its children; 1 for the root's. */
  readonly level: number;
  /** The entry that was opened; undefined for the root. */
  readonly owner: Entry | undefined;
  readonly shape: FolderShape;
  slots: Slot[] = [];
  /** Where what has not been listed begins; undefined where all has been. */
  next: Uint8Array | undefined;
  moreState: LoadState = "idle";
  moreError: unknown;
  /** Keys in the folder at any depth; undefined until it is asked for. */
  total: { count: number; readonly revision: number } | undefined;
  rowCount = 0;
  childCount = 0;

  constructor(prefix: Uint8Array, level: number, shape: FolderShape, owner?: Entry) {
    this.prefix = prefix;
    this.level = level;
    this.shape = shape;
    this.owner = owner;
    this.next = prefix;
  }

  /** Counts rows and positions anew, for this folder and what is open in it. */
  layout(): void {
    let row = 0;
    let position = 0;
    for (const slot of this.slots) {
      slot.firstRow = row;
      slot.firstPosition = position;
      row += slot.size;
      position += slot.size;
      slot.open = slot.openFolders;
      for (const { node } of slot.open) {
        node.layout();
        row += node.rowCount;
      }
    }
    this.childCount = position;
    this.rowCount = row + (this.next === undefined ? 0 : 1);
  }

  row(at: number): Row | undefined {
    if (at < 0 || at >= this.rowCount) return undefined;
    const slot = this.slots[this.#slotIndexOfRow(at)];
    const within = at - (slot?.firstRow ?? 0);
    const found = slot === undefined ? undefined : this.#rowInSlot(slot, within);
    return found ?? { kind: "more", id: `more ${mapKey(this.prefix)}`, level: this.level, folder: this };
  }

  /** Undefined past the slot's last row. */
  #rowInSlot(slot: Slot, within: number): Row | undefined {
    const { level } = this;
    if (slot.entries === undefined) {
      if (within >= slot.size) return undefined;
      return { kind: "pending", id: `pending ${mapKey(slot.start)} ${within}`, level, slot };
    }
    let index = within;
    for (const { at, node } of slot.open) {
      if (index <= at) break;
      if (index <= at + node.rowCount) return node.row(index - at - 1);
      index -= node.rowCount;
    }
    const entry = slot.entries[index];
    if (entry === undefined) return undefined;
    return {
      kind: "entry",
      id: mapKey(entry.path),
      level,
      entry,
      position: slot.firstPosition + index + 1,
      setSize: this.next === undefined ? this.childCount : -1,
      folder: this,
    };
  }

  #slotIndexOfRow(at: number): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.slots[middle]?.firstRow ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The row of a child, at whatever depth it is; -1 where it is not in a loaded slot. */
  locate(path: Uint8Array): number {
    const slot = this.slotOf(path);
    if (slot?.entries === undefined) return -1;
    const index = slot.indexOf(path);
    let row = slot.firstRow;
    for (const { at, node } of slot.open) {
      if (index !== -1 && at >= index) break;
      const within = startsWith(path, node.prefix) && index === -1 ? node.locate(path) : -1;
      if (within !== -1) return row + at + 1 + within;
      row += node.rowCount;
    }
    return index === -1 ? -1 : row + index;
  }

  /** The slot that a child's path is in, or would be. */
  slotOf(path: Uint8Array): Slot | undefined {
    if (this.next !== undefined && compareBytes(path, this.next) >= 0) return undefined;
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const slot = this.slots[middle];
      if (slot !== undefined && compareBytes(slot.start, path) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.slots[low - 1];
  }

  /** Where a slot ends; undefined for the end of the folder. */
  endOf(slot: Slot): Uint8Array | undefined {
    return this.slots[this.slots.indexOf(slot) + 1]?.start ?? this.next;
  }

  /** Applies a change to this folder and to what is open in it. */
  apply(change: KeyChange, nowMs: number): void {
    const { key, modRevision } = change.info;
    if (!startsWith(key, this.prefix)) return;
    if (this.total !== undefined && modRevision > this.total.revision) this.total.count += growthOf(change);
    const slot = this.slotOf(this.#childPath(key));
    if (slot === undefined) return;
    if (modRevision > slot.revision) this.applyTo(slot, change, nowMs);
    const entry = slot.entries?.[slot.indexOf(this.#childPath(key))];
    entry?.node?.apply(change, nowMs);
  }

  /** Applies a change that is after the slot's revision to that slot alone, if it is in it. */
  applyTo(slot: Slot, change: KeyChange, nowMs: number): void {
    const path = this.#childPath(change.info.key);
    if (this.slotOf(path) !== slot) return;
    if (path.length < change.info.key.length || this.#isFolder(change.info.key)) {
      this.#applyInFolder(slot, path, change, nowMs);
    } else if (slot.entries === undefined) {
      slot.resize(growthOf(change));
    } else {
      applyToKey(slot, change, nowMs);
    }
    if (slot.size > MAX_SLOT_ENTRIES && slot.entries !== undefined) this.#split(slot);
  }

  #childPath(key: Uint8Array): Uint8Array {
    const { delimiter } = this.shape;
    return (delimiter === undefined ? undefined : folderOf(key, this.prefix, delimiter)) ?? key;
  }

  #isFolder(key: Uint8Array): boolean {
    const { delimiter } = this.shape;
    return delimiter !== undefined && folderOf(key, this.prefix, delimiter) !== undefined;
  }

  #applyInFolder(slot: Slot, path: Uint8Array, { type, info }: KeyChange, nowMs: number): void {
    const { delimiter } = this.shape;
    if (slot.entries === undefined || delimiter === undefined) return;
    const held = slot.entries[slot.indexOf(path)];
    if (type === "delete") {
      // Whether the folder is empty now, or has become a chain, only a look at it can tell.
      if (held !== undefined) slot.isStale = true;
      return;
    }
    if (held === undefined) {
      const chain = commonFolder(path, info.key, info.key, delimiter);
      slot.insert(entryOf({ path, chain, info: undefined }, nowMs));
      return;
    }
    if (startsWith(info.key, held.chain)) return;
    held.chain = commonFolder(path, held.chain, info.key, delimiter);
    if (held.node !== undefined) held.node = new FolderNode(held.chain, this.level + 1, this.shape, held);
  }

  #split(slot: Slot): void {
    const second = slot.split();
    if (second === undefined) return;
    this.slots.splice(this.slots.indexOf(slot) + 1, 0, second);
    this.shape.onSplit(second);
  }
}

function applyToKey(slot: Slot, { type, info }: KeyChange, nowMs: number): void {
  const held = slot.entries?.[slot.indexOf(info.key)];
  if (type === "delete") {
    if (held?.info !== undefined && held.info.modRevision < info.modRevision) slot.remove(info.key);
    return;
  }
  if (held === undefined) {
    slot.insert(entryOf({ path: info.key, chain: info.key, info }, nowMs));
  } else if ((held.info?.modRevision ?? 0) < info.modRevision) {
    held.info = info;
    held.changedAtMs = nowMs;
  }
}
