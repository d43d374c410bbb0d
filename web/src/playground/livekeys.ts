import { type Event, Event_EventType, type KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import { compareBytes, mapKey, prefixRange, startsWith } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { Cell } from "../ui/cell.ts";

export interface LiveState {
  /** In order of their keys. */
  readonly kvs: readonly KeyValue[];
  /** Of the watch that is shown, the newest first. */
  readonly events: readonly Event[];
}

const KEPT_EVENTS = 200;
const EVERYTHING = prefixRange(new Uint8Array());

/** All keys of a small store, and what happens to them. */
export class LiveKeys {
  readonly state = new Cell<LiveState>({ kvs: [], events: [] });
  readonly #clients: Clients;
  readonly #watched: Uint8Array | undefined;
  readonly #end = new AbortController();

  /** @param watched the prefix whose events are kept; undefined for none */
  constructor(clients: Clients, watched: Uint8Array | undefined) {
    this.#clients = clients;
    this.#watched = watched;
  }

  async start(): Promise<void> {
    const { kvs, header } = await this.#clients.kv.range(EVERYTHING);
    this.state.set({ kvs, events: [] });
    void this.#follow((header?.revision ?? 0n) + 1n);
  }

  close(): void {
    this.#end.abort();
  }

  async #follow(startRevision: bigint): Promise<void> {
    const { signal } = this.#end;
    try {
      for await (const { events } of this.#clients.watch.watch({ ...EVERYTHING, startRevision }, { signal })) {
        if (events.length > 0) this.state.update((held) => applied(held, events, this.#watched));
      }
    } catch (error) {
      // The store is this element's own: its watch ends with it.
      if (!signal.aborted) throw error;
    }
  }
}

function applied(
  { kvs, events: held }: LiveState,
  events: readonly Event[],
  watched: Uint8Array | undefined,
): LiveState {
  const byKey = new Map(kvs.map((kv) => [mapKey(kv.key), kv]));
  for (const { type, kv } of events) {
    if (kv === undefined) continue;
    if (type === Event_EventType.DELETE) byKey.delete(mapKey(kv.key));
    else byKey.set(mapKey(kv.key), kv);
  }
  const seen = events.filter(({ kv }) => watched !== undefined && kv !== undefined && startsWith(kv.key, watched));
  return {
    kvs: [...byKey.values()].sort((a, b) => compareBytes(a.key, b.key)),
    events: [...seen.reverse(), ...held].slice(0, KEPT_EVENTS),
  };
}
