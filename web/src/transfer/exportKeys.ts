import type { Connection } from "../store/connection.ts";
import { exportThese } from "./export.ts";
import { exportFileName } from "./names.ts";
import { type FormatName, formatNamed } from "./record.ts";
import { openSink } from "./sink.ts";

export interface ExportKeysOptions {
  readonly format?: FormatName;
  /** Undefined for now. */
  readonly revision?: number;
  readonly signal?: AbortSignal;
}

/** Downloads these keys as one file; returns how many there were. */
export async function downloadKeys(
  connection: Connection,
  keys: readonly Uint8Array[],
  { format = "jsonl", revision, signal = new AbortController().signal }: ExportKeysOptions,
): Promise<number> {
  const name = exportFileName(new Uint8Array(), format, revision);
  const sink = await openSink(name, formatNamed(format).mimeType, 0);
  try {
    const exported = await exportThese(connection.clients, keys, format, revision, sink, signal);
    await sink.finish();
    return exported.keys;
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
