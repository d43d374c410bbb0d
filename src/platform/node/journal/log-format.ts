/**
 * What is in a data dir's log: the writes as they came, one record each, which the database takes over later.
 *
 *     record   "elog" (4 bytes)   CRC-32 of all that follows (4)   number of the write (8)   size (8)   changes
 *
 * There are two files, which are written by turns, each from its start: while one fills, what is in the other goes into
 * the database. In each the numbers follow one another; what comes behind the last that does is left of an earlier
 * turn, or was cut by a crash before it was acknowledged.
 */
import { existsSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { logFiles } from "./files.ts";

const MAGIC = 0x656c6f67;
const CRC_AT = 4;
const COMMIT_AT = 8;
const SIZE_AT = 16;
const HEAD_BYTES = 24;

export interface LogRecord {
  /** The number of the write: 1 for a data dir's first. */
  readonly commit: number;
  /** A part, as of a ChangeBatch. */
  readonly changes: Uint8Array;
}

/** What stands before the parts of a write's changes. */
export function headOf(commit: number, parts: readonly Uint8Array[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEAD_BYTES));
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  view.setUint32(0, MAGIC);
  view.setBigUint64(COMMIT_AT, BigInt(commit));
  view.setBigUint64(SIZE_AT, BigInt(sizeBytes));
  const head = new Uint8Array(view.buffer);
  let crc = crc32(head.subarray(COMMIT_AT));
  for (const part of parts) crc = crc32(part, crc);
  view.setUint32(CRC_AT, crc);
  return head;
}

/** The whole records of a log, by their numbers; between those of the two files some may be missing. */
export function readLog(directory: string): LogRecord[] {
  const records = logFiles(directory).flatMap((file) => (existsSync(file) ? [...recordsIn(readFileSync(file))] : []));
  return records.sort((a, b) => a.commit - b.commit);
}

/** Of a log's records, those that follow the write of the given number, without a gap. */
export function recordsBehind(commit: number, records: readonly LogRecord[]): LogRecord[] {
  const following: LogRecord[] = [];
  for (const record of records) {
    if (record.commit === commit + following.length + 1) following.push(record);
  }
  return following;
}

/** The records at the start of a file, as views of it. */
export function* recordsIn(file: Uint8Array): Generator<LogRecord> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let last: number | undefined;
  for (let at = 0; at + HEAD_BYTES <= file.length && view.getUint32(at) === MAGIC; ) {
    const commit = Number(view.getBigUint64(at + COMMIT_AT));
    const end = at + HEAD_BYTES + Number(view.getBigUint64(at + SIZE_AT));
    if (end > file.length || (last !== undefined && commit !== last + 1)) return;
    if (view.getUint32(at + CRC_AT) !== crc32(file.subarray(at + COMMIT_AT, end))) return;
    yield { commit, changes: file.subarray(at + HEAD_BYTES, end) };
    last = commit;
    at = end;
  }
}
