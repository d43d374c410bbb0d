/** One key as files carry it. */
export interface KeyRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** What the store knew about it: written for the reader's information, never imported. */
  readonly meta?: KeyMeta;
}

export interface KeyMeta {
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly lease: bigint;
}

export type FormatName = "jsonl" | "json" | "script" | "csv";

export interface Format {
  readonly name: FormatName;
  readonly label: string;
  readonly extension: string;
  readonly mimeType: string;
  /** What it is good for, and what it leaves out. */
  readonly hint: string;
}

export const FORMATS: readonly Format[] = [
  {
    name: "jsonl",
    label: "JSON lines (exact)",
    extension: "jsonl",
    mimeType: "application/jsonl",
    hint: "One key a line, key and value in base64, with the field names of etcdctl get --write-out=json. Any size.",
  },
  {
    name: "json",
    label: "JSON (readable)",
    extension: "json",
    mimeType: "application/json",
    hint: "Text as text; what is not UTF-8 as key_bytes or value_bytes with \\xNN escapes. Exact both ways.",
  },
  {
    name: "script",
    label: "etcdctl put script",
    extension: "sh",
    mimeType: "text/x-shellscript",
    hint: "A bash script that puts the keys into the etcd that ETCDCTL_ENDPOINTS names. Keys with a NUL byte cannot be arguments and are left out, as comments.",
  },
  {
    name: "csv",
    label: "CSV of keys",
    extension: "csv",
    mimeType: "text/csv",
    hint: "Keys, sizes, revisions and leases for a spreadsheet; no values, so it cannot be imported.",
  },
];

export function formatNamed(name: FormatName): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (found === undefined) throw new Error(`no format is called ${name}`);
  return found;
}
