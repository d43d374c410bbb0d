/** Events as JSON lines: one object a line, text as text and bytes that are no UTF-8 as base64. */
import { textOf } from "../store/bytes.ts";
import type { Row } from "./row.ts";

function* eventLines(rows: Iterable<Row>): Generator<string> {
  for (const { receivedAtMs, kind, revision, kv, previous } of rows) {
    yield `${JSON.stringify({
      time: new Date(receivedAtMs).toISOString(),
      type: kind === "deleted" ? "DELETE" : "PUT",
      revision,
      ...field("key", kv.key),
      ...(kind === "deleted" ? {} : { ...field("value", kv.value), version: Number(kv.version) }),
      ...(kind === "deleted" ? {} : { create_revision: Number(kv.createRevision), lease: kv.lease.toString() }),
      ...(previous === undefined ? {} : field("prev_value", previous.value)),
    })}\n`;
  }
}

/** In parts: one string of 100,000 events with their values may be longer than a string can be. */
export function jsonLines(rows: Iterable<Row>): string[] {
  return [...eventLines(rows)];
}

export function exportFileName(at: Date): string {
  return `watch-${at.toISOString().slice(0, 19).replace(/[:T]/g, "-")}.jsonl`;
}

function field(name: string, bytes: Uint8Array): Record<string, string> {
  const text = textOf(bytes);
  return text === undefined ? { [`${name}_base64`]: base64(bytes) } : { [name]: text };
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
