/**
 * A snapshot as `etcdctl snapshot save` writes it: the database, then the SHA-256 of it that the server sends last.
 * A file whose checksum is not that of what came before it is of no use, and not handed over.
 */
import { SHA256_BYTES, Sha256 } from "../../../src/platform/browser/sha256.ts";
import { equalBytes } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { concat } from "../store/escape.ts";
import type { FileSink } from "./sink.ts";
import type { Report } from "./task.ts";

export interface SavedSnapshot {
  /** Of the file, checksum included. */
  readonly sizeBytes: number;
  /** The storage version of the server, `3.7.0`; empty where an older one does not tell. */
  readonly version: string;
}

/** What goes into the file at once: servers send pieces of 32 KiB. */
const WRITE_BYTES = 1024 * 1024;

/** @throws ConnectError from the server, Error for a snapshot that is cut off or damaged */
export async function saveSnapshot(
  { maintenance }: Pick<Clients, "maintenance">,
  sink: Pick<FileSink, "write">,
  report: Report,
  signal: AbortSignal,
): Promise<SavedSnapshot> {
  const hash = new Sha256();
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  // The last bytes so far, which are the checksum if no more come.
  let tail: Uint8Array = new Uint8Array();
  let sizeBytes = 0;
  let version = "";
  for await (const { blob, remainingBytes, version: told } of maintenance.snapshot({}, { signal })) {
    const known = concat([tail, blob]);
    const cut = Math.max(0, known.length - SHA256_BYTES);
    hash.update(known.subarray(0, cut));
    tail = known.subarray(cut);
    pending.push(blob);
    pendingBytes += blob.length;
    sizeBytes += blob.length;
    version = told || version;
    report(sizeBytes, sizeBytes + Number(remainingBytes));
    if (pendingBytes < WRITE_BYTES) continue;
    await sink.write(concat(pending));
    pending = [];
    pendingBytes = 0;
  }
  if (tail.length < SHA256_BYTES || !equalBytes(hash.digest(), tail)) {
    throw new Error("the snapshot’s checksum does not match: it is damaged, or was cut off");
  }
  await sink.write(concat(pending));
  return { sizeBytes, version };
}
