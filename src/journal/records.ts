/**
 * What the rows of the buckets meta, lease and alarm mean; those of key are the store's own (src/mvcc/record.ts).
 * Where etcd's database has the same thing, it has it by this name and in these bytes.
 */
import { JournalError } from "./journal.ts";

/** The names in the bucket meta; those with a dot are ours alone. */
export const MetaName = {
  /** A revision: a compaction to it has begun. */
  scheduledCompaction: "scheduledCompactRev",
  /** A revision: of a compaction to it, all that it drops is gone. */
  finishedCompaction: "finishedCompactRev",
  /** Number of the last request that was applied. */
  raftIndex: "consistent_index",
  raftTerm: "term",
  /** Which layout of rows this is. */
  schema: "etcdlite.schema",
  /** Member ID and cluster ID. */
  ids: "etcdlite.ids",
  /** What the newest compactions hashed. */
  compactionHashes: "etcdlite.compactionHashes",
  /** The most bytes that were stored, when that was last not what was stored then. */
  peakBytes: "etcdlite.peakBytes",
} as const;

/** The layout written here. Rows of a later one are refused. */
export const SCHEMA = 1;

/** A row's key for a name in the bucket meta. */
export function metaKey(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

export function metaName(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

/** Numbers of 8 bytes each, big-endian; an int64 or a uint64, and one that fits in a number either way. */
export function encodeNumbers(...numbers: ReadonlyArray<number | bigint>): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * 8));
  numbers.forEach((number, at) => {
    view.setBigUint64(at * 8, BigInt.asUintN(64, BigInt(number)));
  });
  return new Uint8Array(view.buffer);
}

/** As uint64. @throws JournalError */
export function decodeNumbers(bytes: Uint8Array): bigint[] {
  if (bytes.length % 8 !== 0) throw new JournalError(`a row of numbers has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, at) => view.getBigUint64(at * 8));
}

const REVISION_BYTES = 17;
const SEPARATOR = 0x5f;

/** A revision as etcd writes it, of sub-revision 0. */
export function encodeRevision(revision: number): Uint8Array {
  const bytes = new Uint8Array(REVISION_BYTES);
  bytes.set(encodeNumbers(revision));
  bytes[8] = SEPARATOR;
  return bytes;
}

/** @throws JournalError */
export function decodeRevision(bytes: Uint8Array): number {
  if (bytes.length !== REVISION_BYTES) throw new JournalError(`a revision has ${bytes.length} bytes`);
  return Number(decodeNumbers(bytes.subarray(0, 8))[0]);
}

export interface LeaseRecord {
  readonly id: bigint;
  readonly ttlSeconds: number;
  /** How long it lasts from the next start on; 0 for its whole TTL. */
  readonly remainingSeconds: number;
}

export function encodeLease({ id, ttlSeconds, remainingSeconds }: LeaseRecord): Uint8Array {
  return encodeVarints(id, BigInt(ttlSeconds), BigInt(remainingSeconds));
}

/** @throws JournalError */
export function decodeLease(bytes: Uint8Array): LeaseRecord {
  const [id = 0n, ttlSeconds = 0n, remainingSeconds = 0n] = decodeVarints(bytes);
  return {
    id: BigInt.asIntN(64, id),
    ttlSeconds: Number(BigInt.asIntN(64, ttlSeconds)),
    remainingSeconds: Number(BigInt.asIntN(64, remainingSeconds)),
  };
}

export interface AlarmRecord {
  readonly memberId: bigint;
  readonly type: number;
}

export function encodeAlarm({ memberId, type }: AlarmRecord): Uint8Array {
  return encodeVarints(memberId, BigInt(type));
}

/** @throws JournalError */
export function decodeAlarm(bytes: Uint8Array): AlarmRecord {
  const [memberId = 0n, type = 0n] = decodeVarints(bytes);
  return { memberId, type: Number(BigInt.asIntN(32, type)) };
}

/** A protobuf message whose fields, from number 1 on, are varints; those that are 0 are left out. */
function encodeVarints(...fields: readonly bigint[]): Uint8Array {
  const bytes: number[] = [];
  fields.forEach((field, at) => {
    if (field === 0n) return;
    bytes.push((at + 1) << 3);
    let rest = BigInt.asUintN(64, field);
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  });
  return Uint8Array.from(bytes);
}

/** The fields by number less 1, as uint64. @throws JournalError */
function decodeVarints(bytes: Uint8Array): Array<bigint | undefined> {
  const fields: Array<bigint | undefined> = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++] as number;
    if ((tag & 7) !== 0 || tag < 8 || tag > 127) throw new JournalError(`a row of varints has the tag ${tag}`);
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new JournalError("a varint has no end");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 128) break;
    }
    fields[(tag >> 3) - 1] = BigInt.asUintN(64, value);
  }
  return fields;
}
