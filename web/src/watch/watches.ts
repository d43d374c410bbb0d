import type { OpenWatchStream } from "../live/index.ts";
import { Cell } from "../ui/cell.ts";
import { isSameSpec, type WatchSpec } from "./spec.ts";
import { WatchSession } from "./watchsession.ts";

/** The watches of a connection, and which of them are shown side by side. */
export class Watches {
  readonly list = new Cell<readonly WatchSession[]>([]);
  /** IDs, in the order of the list. */
  readonly open = new Cell<readonly number[]>([]);
  readonly #streams: OpenWatchStream;
  #lastId = 0;

  constructor(streams: OpenWatchStream) {
    this.#streams = streams;
  }

  /** Watches, and shows it; one that is there already is only shown. */
  add(spec: WatchSpec): void {
    const known = this.list.value.find((one) => isSameSpec(one.spec, spec));
    const session = known ?? new WatchSession(++this.#lastId, spec, this.#streams);
    if (known === undefined) this.list.update((list) => [...list, session]);
    this.show(session.id);
  }

  remove(id: number): void {
    this.list.value.find((one) => one.id === id)?.close();
    this.list.update((list) => list.filter((one) => one.id !== id));
    this.open.update((open) => open.filter((one) => one !== id));
    const next = this.list.value.at(-1);
    if (this.open.value.length === 0 && next !== undefined) this.open.set([next.id]);
  }

  show(id: number): void {
    this.open.set([id]);
  }

  /** Shows it beside the others, or no longer. */
  toggleBeside(id: number): void {
    const open = new Set(this.open.value);
    if (!open.delete(id)) open.add(id);
    this.open.set(this.list.value.map((one) => one.id).filter((one) => open.has(one)));
  }

  close(): void {
    for (const session of this.list.value) session.close();
    this.list.set([]);
    this.open.set([]);
  }
}
