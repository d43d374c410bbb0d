/** For other folders: a file of chosen keys. What writes it is fetched when it is first wanted. */
import type { Connection } from "../store/connection.ts";
import type { ExportKeysOptions } from "./exportKeys.ts";

/** Downloads these keys as one file, JSON lines unless told otherwise; returns how many of them there were. */
export async function exportKeys(
  connection: Connection,
  keys: readonly Uint8Array[],
  options: ExportKeysOptions = {},
): Promise<number> {
  const { downloadKeys } = await import("./exportKeys.ts");
  return downloadKeys(connection, keys, options);
}
