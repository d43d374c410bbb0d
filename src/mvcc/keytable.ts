import type { KeyProbe } from "./keyprobe.ts";

/** Says whether an ID is that of a key. */
export interface KeysById {
  isKey(id: number, probe: KeyProbe): boolean;
}

const NONE = -1;
const FIRST_ENTRIES = 16;
/** Of a shard: what is moved at once when it is full. */
const MAX_ENTRIES = 4096;
/** How many of the hash's upper bits tell shards apart at most. */
const MAX_DEPTH = 20;
/** Of five entries of a shard so many are used before there are more. */
const FULL_FIFTHS = 4;
/** A shard that uses less is made smaller. */
const SPARSE_SHARE = 8;

/**
 * From keys to their IDs, by hash, without a turn in which all of it would be moved:
 *
 *     hash   1 0 1 1 | … | 0 1 1 0          directory    shards: open addressing, hash and ID + 1 side by side
 *            └──┬──┘       └──┬──┘          00 ──┐
 *             shard         place           01 ──┴──►    [ – – h,7 h,2 – – h,9 … ]
 *                                           10 ─────►    [ h,1 – – – … ]
 *                                           11 ─────►    [ – h,4 – – – … ]
 *
 * A shard that is full doubles; one that may not be larger splits in two by the next bit of the hash (extendible
 * hashing), and only where that is not left grows on. The keys themselves are looked at only where all of the hash agrees.
 */
export class KeyTable {
  readonly #probe: KeyProbe;
  readonly #keys: KeysById;
  #directory: Shard[] = [new Shard(FIRST_ENTRIES, 0)];
  /** Bits of the hash that choose a shard. */
  #depth = 0;
  #size = 0;
  #bytes = FIRST_ENTRIES * ENTRY_BYTES;

  constructor(probe: KeyProbe, keys: KeysById) {
    this.#probe = probe;
    this.#keys = keys;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Begin with the key that was looked for last. */
  get soughtBytes(): Uint8Array {
    return this.#probe.bytes;
  }

  /** The ID of a key, −1 where it is not there. */
  find(key: string): number {
    const probe = this.#probe;
    probe.take(key);
    const { hash } = probe;
    const { entries, mask } = this.#shardOf(hash);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = (entries[2 * at + 1] as number) - 1;
      if (id === NONE || (entries[2 * at] === hash && this.#keys.isKey(id, probe))) return id;
    }
  }

  /** Adds a key that must not be there yet. */
  add(key: string, id: number): void {
    const hash = this.#hashOf(key);
    const shard = this.#shardOf(hash);
    shard.add(hash, id);
    this.#size++;
    if (shard.count * 5 <= shard.size * FULL_FIFTHS) return;
    if (shard.size < MAX_ENTRIES || shard.depth === MAX_DEPTH) this.#resize(shard, shard.size * 2);
    else this.#split(shard, hash);
  }

  /** Without effect where it is not there. */
  delete(key: string, id: number): void {
    const hash = this.#hashOf(key);
    const shard = this.#shardOf(hash);
    if (!shard.delete(hash, id)) return;
    this.#size--;
    if (shard.size > FIRST_ENTRIES && shard.count * SPARSE_SHARE < shard.size) this.#resize(shard, shard.size / 2);
  }

  #hashOf(key: string): number {
    this.#probe.take(key);
    return this.#probe.hash;
  }

  #shardOf(hash: number): Shard {
    // Shifting by 32 is shifting by 0.
    return this.#directory[this.#depth === 0 ? 0 : hash >>> (32 - this.#depth)] as Shard;
  }

  #resize(shard: Shard, size: number): void {
    this.#bytes += (size - shard.size) * ENTRY_BYTES;
    shard.resize(size);
  }

  #split(shard: Shard, hash: number): void {
    if (shard.depth === this.#depth) {
      this.#directory = this.#directory.flatMap((one) => [one, one]);
      this.#depth++;
    }
    const high = shard.split();
    this.#bytes += high.size * ENTRY_BYTES;
    // What the directory said of the shard is one stretch, the upper half of which is the new one's.
    const half = 2 ** (this.#depth - shard.depth);
    const first = Math.floor((hash >>> (32 - this.#depth)) / (2 * half)) * 2 * half;
    this.#directory.fill(high, first + half, first + 2 * half);
  }
}

const ENTRY_BYTES = 8;

class Shard {
  entries: Int32Array;
  mask: number;
  count = 0;
  /** The upper bits in which the hashes of all that is here agree. */
  depth: number;

  constructor(size: number, depth: number) {
    this.entries = new Int32Array(size * 2);
    this.mask = size - 1;
    this.depth = depth;
  }

  get size(): number {
    return this.mask + 1;
  }

  add(hash: number, id: number): void {
    let at = hash & this.mask;
    while (this.entries[2 * at + 1] !== 0) at = (at + 1) & this.mask;
    this.entries[2 * at] = hash;
    this.entries[2 * at + 1] = id + 1;
    this.count++;
  }

  delete(hash: number, id: number): boolean {
    const { entries, mask } = this;
    let hole = hash & mask;
    for (; entries[2 * hole + 1] !== id + 1; hole = (hole + 1) & mask) if (entries[2 * hole + 1] === 0) return false;
    // What stands behind the hole moves up, unless it would come to stand before its own place.
    for (let at = (hole + 1) & mask; entries[2 * at + 1] !== 0; at = (at + 1) & mask) {
      const own = (entries[2 * at] as number) & mask;
      if (((at - own) & mask) < ((at - hole) & mask)) continue;
      entries[2 * hole] = entries[2 * at] as number;
      entries[2 * hole + 1] = entries[2 * at + 1] as number;
      hole = at;
    }
    entries[2 * hole + 1] = 0;
    this.count--;
    return true;
  }

  resize(size: number): void {
    const { entries } = this;
    this.entries = new Int32Array(size * 2);
    this.mask = size - 1;
    this.count = 0;
    this.#takeAll(entries);
  }

  /** Keeps what has a 0 in the next bit of its hash, and gives the rest in another. */
  split(): Shard {
    const { entries } = this;
    this.depth++;
    this.entries = new Int32Array(entries.length);
    this.count = 0;
    const high = new Shard(this.size, this.depth);
    this.#takeAll(entries, high);
    return high;
  }

  #takeAll(entries: Int32Array, high?: Shard): void {
    for (let at = 0; at < entries.length; at += 2) {
      const hash = entries[at] as number;
      const id = (entries[at + 1] as number) - 1;
      if (id === NONE) continue;
      const isHigh = high !== undefined && ((hash >>> (32 - this.depth)) & 1) === 1;
      (isHigh ? high : this).add(hash, id);
    }
  }
}
