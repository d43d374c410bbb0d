/**
 * A map from keys to values that never stops to grow: a large Map moves all it holds at once when it is full, which
 * takes a tenth of a second for a million keys. So there are many small ones, told apart by a few of a key's characters.
 */
const SHARDS = 256;
/** Characters looked at, evenly spread: what keys have in common may be anywhere. */
const SAMPLES = 16;

export class KeyMap<V> {
  readonly #shards: Array<Map<string, V> | undefined> = new Array(SHARDS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  /** Adds a key that must not be there yet. */
  add(key: string, value: V): void {
    const number = shardOf(key);
    let shard = this.#shards[number];
    if (shard === undefined) {
      shard = new Map();
      this.#shards[number] = shard;
    }
    shard.set(key, value);
    this.#size++;
  }

  delete(key: string): void {
    if (this.#shards[shardOf(key)]?.delete(key)) this.#size--;
  }

  *values(): Generator<V> {
    for (const shard of this.#shards) if (shard !== undefined) yield* shard.values();
  }
}

function shardOf(key: string): number {
  const step = 1 + Math.floor(key.length / SAMPLES);
  let hash = key.length;
  for (let at = key.length - 1; at >= 0; at -= step) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SHARDS - 1);
}
