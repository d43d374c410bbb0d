import { Cell } from "../ui/cell.ts";

export const KEY_COLUMNS = ["size", "mod", "version", "ttl"] as const;
export type KeyColumn = (typeof KEY_COLUMNS)[number];

/** What this browser remembers of its user; never anything of the stores. */
export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly listMode: "tree" | "flat";
  /** Text form (store/bytes.ts) of what ends a folder's name. */
  readonly delimiter: string;
  /** Columns of the key list beside the key, as far as there is room. */
  readonly columns: readonly KeyColumn[];
  readonly keysWidthPx: number;
  readonly dockHeightPx: number;
  /** Endpoints connected to before, the last one first. */
  readonly endpoints: readonly string[];
  /** Whether the first run has been seen to its end. */
  readonly welcomed: boolean;
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  listMode: "tree",
  delimiter: "/",
  columns: ["size", "mod", "ttl", "version"],
  keysWidthPx: 440,
  dockHeightPx: 280,
  endpoints: [],
  welcomed: false,
};

const STORAGE_KEY = "etcdlite.preferences";

function load(): Preferences {
  try {
    return {
      ...DEFAULT_PREFERENCES,
      ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Preferences>),
    };
  } catch {
    // A private window, or a value that somebody else wrote: the page works without.
    return DEFAULT_PREFERENCES;
  }
}

export const preferences = new Cell<Preferences>(load());

export function setPreferences(change: Partial<Preferences>): void {
  preferences.update((held) => ({ ...held, ...change }));
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(preferences.value));
  } catch {
    // Kept for as long as the page is open.
  }
}
