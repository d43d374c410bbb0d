/** The one file that a store is exported to and imported from: see proto/etcdlite/v1/export.proto. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { type ExportRecord, ExportRecordSchema } from "../../../gen/etcdlite/v1/export_pb.ts";
import { BUCKETS, type Bucket, type Row } from "../../../journal/index.ts";
import { crc32c } from "../../../mvcc/index.ts";

/** All rows of a bucket, in the order of their keys, in parts. */
export interface BucketRows {
  readonly bucket: Bucket;
  readonly rows: readonly Row[];
}

/** Why a file is not taken; nothing was changed. */
export class FileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FileError";
  }
}

const MAGIC = Uint8Array.from("etcdlite", (character) => character.charCodeAt(0));
const VERSION = 1;

/** Whether a file is one of these, be it damaged. */
export function isExportFile(file: Uint8Array): boolean {
  return MAGIC.every((byte, at) => file[at] === byte);
}

/** Yields the file's bytes piece by piece; each piece is a record, or the head. */
export async function* exportFile(parts: Iterable<BucketRows>): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let count = 0n;
  const counted = (bytes: Uint8Array): Uint8Array => {
    crc = crc32c(crc, bytes);
    return bytes;
  };
  yield counted(Uint8Array.of(...MAGIC, VERSION));
  for (const { bucket, rows } of parts) {
    count += BigInt(rows.length);
    const value = { bucket, rows: rows.map(({ key, value }) => ({ key, value })) };
    yield counted(delimited(create(ExportRecordSchema, { record: { case: "rows", value } } as never)));
  }
  yield delimited(create(ExportRecordSchema, { record: { case: "end", value: { rows: count, crc32c: crc } } }));
}

/**
 * The rows of a whole file.
 * @throws FileError for one that is no such file, or damaged, or cut short
 */
export function parseFile(file: Uint8Array): BucketRows[] {
  checkHead(file);
  const parts: BucketRows[] = [];
  const reader = new BinaryReader(file);
  reader.pos = MAGIC.length + 1;
  let count = 0n;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const { record } = readRecord(reader, start);
    if (record.case === "rows") {
      const { bucket, rows } = record.value;
      if (!isBucket(bucket)) throw new FileError(`the file has rows of ${JSON.stringify(bucket)}, which is no bucket`);
      count += BigInt(rows.length);
      // Each array is to be alone in its buffer, not a view of the file.
      parts.push({ bucket, rows: rows.map(({ key, value }) => ({ key: key.slice(), value: value.slice() })) });
    } else if (record.case === "end") {
      if (record.value.crc32c !== crc32c(0, file, 0, start))
        throw new FileError("the file is damaged: its checksum is not right");
      if (record.value.rows !== count) throw new FileError(`the file has ${count} rows, not ${record.value.rows}`);
      if (reader.pos !== reader.len) throw new FileError("the file goes on behind its end");
      return parts;
    } else {
      throw new FileError(`the file has an unknown record at byte ${start}`);
    }
  }
  throw new FileError("the file is cut short: it has no end");
}

function checkHead(file: Uint8Array): void {
  if (!isExportFile(file)) throw new FileError("this is no file that etcdlite has exported");
  const version = file[MAGIC.length];
  if (version === VERSION) return;
  if (version === undefined) throw new FileError("the file is cut short: it has no end");
  throw new FileError(`the file is of version ${version} of its format; this etcdlite knows version ${VERSION}`);
}

function readRecord(reader: BinaryReader, start: number): ExportRecord {
  try {
    return fromBinary(ExportRecordSchema, reader.bytes());
  } catch {
    throw new FileError(`the file is damaged or cut short at byte ${start}`);
  }
}

function isBucket(name: string): name is Bucket {
  return (BUCKETS as readonly string[]).includes(name);
}

function delimited(record: ExportRecord): Uint8Array {
  return new BinaryWriter().bytes(toBinary(ExportRecordSchema, record)).finish();
}
