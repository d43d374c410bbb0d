import { mapKey } from "../../store/bytes.ts";

/** The chosen keys by their mapKey. */
export type Selection = ReadonlyMap<string, Uint8Array>;

export const NOTHING_SELECTED: Selection = new Map();

export function toggled(selection: Selection, key: Uint8Array): Selection {
  const next = new Map(selection);
  const id = mapKey(key);
  if (!next.delete(id)) next.set(id, key);
  return next;
}

export function withKeys(selection: Selection, keys: readonly Uint8Array[]): Selection {
  const next = new Map(selection);
  for (const key of keys) next.set(mapKey(key), key);
  return next;
}

export function withoutKeys(selection: Selection, keys: readonly Uint8Array[]): Selection {
  const ids = keys.map(mapKey).filter((id) => selection.has(id));
  if (ids.length === 0) return selection;
  const next = new Map(selection);
  for (const id of ids) next.delete(id);
  return next;
}
