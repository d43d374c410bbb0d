/** Lines that were typed before, for as long as the tab is there. */
const STORAGE_KEY = "etcdlite.console";
const KEPT = 200;

export class History {
  #lines: string[];
  /** Where one is in it: as many as there are lines stands for the new one. */
  #at: number;
  #draft = "";

  readonly #storage: Storage | undefined;

  constructor(storage: Storage | undefined) {
    this.#storage = storage;
    this.#lines = load(storage);
    this.#at = this.#lines.length;
  }

  add(line: string): void {
    if (line.trim() !== "" && this.#lines.at(-1) !== line) this.#lines = [...this.#lines.slice(1 - KEPT), line];
    this.#at = this.#lines.length;
    this.#draft = "";
    try {
      this.#storage?.setItem(STORAGE_KEY, JSON.stringify(this.#lines));
    } catch {
      // Kept for as long as the page is open.
    }
  }

  /** @param typed what stands in the field, to come back to */
  older(typed: string): string {
    if (this.#at === this.#lines.length) this.#draft = typed;
    this.#at = Math.max(0, this.#at - 1);
    return this.#lines[this.#at] ?? typed;
  }

  newer(typed: string): string {
    if (this.#at === this.#lines.length) return typed;
    this.#at++;
    return this.#lines[this.#at] ?? this.#draft;
  }
}

function load(storage: Storage | undefined): string[] {
  try {
    const held: unknown = JSON.parse(storage?.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(held) ? held.filter((line) => typeof line === "string") : [];
  } catch {
    return [];
  }
}
