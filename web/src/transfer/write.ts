/** Records as text, in pieces: what begins a file, each key, what ends it. */
import { textOf, toDisplay } from "../store/bytes.ts";
import { escapeBytes } from "../store/escape.ts";
import { toBase64 } from "./base64.ts";
import type { FormatName, KeyRecord } from "./record.ts";
import { bashWord, canBeArgument, printfCommand } from "./shell.ts";

export interface Writer {
  readonly head: string;
  /** @param first whether it is the first of the file */
  readonly record: (record: KeyRecord, first: boolean) => string;
  readonly foot: string;
}

export interface ExportInfo {
  /** What was exported, for the comment at the head. */
  readonly revision: number;
}

export function writerFor(format: FormatName, info: ExportInfo): Writer {
  switch (format) {
    case "jsonl":
      return { head: "", record: jsonLine, foot: "" };
    case "json":
      return { head: "[", record: (record, first) => `${first ? "" : ","}\n  ${readableJson(record)}`, foot: "\n]\n" };
    case "script":
      return { head: scriptHead(info), record: putCommand, foot: "" };
    case "csv":
      return { head: `${CSV_COLUMNS.join(",")}\r\n`, record: csvLine, foot: "" };
  }
}

function jsonLine({ key, value, meta }: KeyRecord): string {
  const fields = {
    key: toBase64(key),
    create_revision: meta?.createRevision,
    mod_revision: meta?.modRevision,
    version: meta?.version,
    value: toBase64(value),
  };
  // A lease ID has 63 bits: more than a JSON number may count on.
  const lease = meta === undefined || meta.lease === 0n ? {} : { lease: meta.lease.toString() };
  return `${JSON.stringify({ ...fields, ...lease })}\n`;
}

function readableJson({ key, value }: KeyRecord): string {
  return JSON.stringify({ ...readable("key", key), ...readable("value", value) });
}

/** The exact text where the bytes are UTF-8; else the escaped form, under a name that says so. */
function readable(name: string, bytes: Uint8Array): Record<string, string> {
  const text = textOf(bytes);
  return text === undefined ? { [`${name}_bytes`]: escapeBytes(bytes) } : { [name]: text };
}

function scriptHead({ revision }: ExportInfo): string {
  return `#!/usr/bin/env bash
# The keys of an etcd at revision ${revision}. Puts them into the etcd that ETCDCTL_ENDPOINTS names.
# Values that are not plain text come by a pipe; leases are not taken along.
set -euo pipefail
`;
}

/** An argument may have 128 KiB on Linux; printf is bash's own and has no such limit. */
const MAX_ARGUMENT_BYTES = 100_000;

function putCommand({ key, value }: KeyRecord): string {
  if (!canBeArgument(key)) return `# left out, a NUL byte cannot be in an argument: ${toDisplay(key)}\n`;
  const put = `etcdctl put -- ${bashWord(key)}`;
  if (canBeArgument(value) && value.length <= MAX_ARGUMENT_BYTES) return `${put} ${bashWord(value)}\n`;
  return `${printfCommand(value)} | ${put}\n`;
}

const CSV_COLUMNS = ["key", "size_bytes", "create_revision", "mod_revision", "version", "lease"];

function csvLine({ key, value, meta }: KeyRecord): string {
  const lease = meta === undefined || meta.lease === 0n ? "" : meta.lease.toString(16);
  const numbers = [value.length, meta?.createRevision ?? "", meta?.modRevision ?? "", meta?.version ?? "", lease];
  return `${[csvField(toDisplay(key)), ...numbers].join(",")}\r\n`;
}

/** Spreadsheets take what begins with = + - @ for a formula: quoted text with a tab before it is none. */
function csvField(text: string): string {
  const safe = /^[=+\-@]/.test(text) ? `\t${text}` : text;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
