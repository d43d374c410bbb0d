/** Names of exported files: what, and at which revision. */
import { textOf } from "../store/bytes.ts";
import { type FormatName, formatNamed } from "./record.ts";

export function exportFileName(prefix: Uint8Array, format: FormatName, revision: number | undefined): string {
  const words = (textOf(prefix) ?? "bytes").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^-+|-+$/g, "");
  const at = revision === undefined ? "" : `-rev${revision}`;
  return `etcd${words === "" ? "" : `-${words}`}${at}.${formatNamed(format).extension}`;
}
