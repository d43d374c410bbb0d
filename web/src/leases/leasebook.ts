/**
 * The leases of a connection, as the server tells of them: LeaseLeases says which there are, LeaseTimeToLive how
 * long each has. Between two answers the time is counted down here, and that is all that is guessed: a lease goes
 * from the book when the server lists it no more or gives it a TTL of −1, never because a count came to 0.
 */
import { ConnectError } from "@connectrpc/connect";
import type { Clients } from "../store/clients.ts";
import { background } from "../store/requestlog.ts";
import { Cell } from "../ui/cell.ts";

export interface LeaseRow {
  readonly id: bigint;
  readonly grantedTtlS: number;
  /** When its time is over, by this page's clock; the server rounds down, so that it is up to a second later. */
  readonly endsAtMs: number;
  readonly keys: readonly Uint8Array[];
  readonly syncedAtMs: number;
}

export interface LeaseList {
  /** Undefined before the first answer. */
  readonly ids: readonly bigint[] | undefined;
  /** Of those of `ids` that were asked about. */
  readonly rows: ReadonlyMap<bigint, LeaseRow>;
  readonly error: ConnectError | undefined;
}

/** How long an answer about a lease is relied on. */
const RESYNC_MS = 10_000;
/** How often a lease that is ending is asked about. */
const ENDING_RESYNC_MS = 1_000;
/** Asked about at once, at most. */
const PARALLEL = 8;
const CALL = { timeoutMs: 5_000, contextValues: background };

type LeaseClient = Pick<Clients["lease"], "leaseLeases" | "leaseTimeToLive">;

export class LeaseBook {
  readonly list = new Cell<LeaseList>({ ids: undefined, rows: new Map(), error: undefined });
  readonly #lease: LeaseClient;
  #refreshing: Promise<void> | undefined;

  constructor(lease: LeaseClient) {
    this.#lease = lease;
  }

  /**
   * Asks which leases there are, and about those whose answer is old; once at a time.
   * @param limit of leases that are asked about
   */
  refresh(limit: number): Promise<void> {
    this.#refreshing ??= this.#refresh(limit).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Asks about one lease now. */
  async sync(id: bigint): Promise<LeaseRow | undefined> {
    const reply = await this.#lease.leaseTimeToLive({ ID: id, keys: true }, CALL);
    const nowMs = Date.now();
    const row: LeaseRow | undefined =
      reply.TTL < 0n
        ? undefined
        : {
            id,
            grantedTtlS: Number(reply.grantedTTL),
            endsAtMs: nowMs + Number(reply.TTL) * 1000,
            keys: reply.keys,
            syncedAtMs: nowMs,
          };
    this.#put(id, row);
    return row;
  }

  #put(id: bigint, row: LeaseRow | undefined): void {
    this.list.update((list) => {
      const rows = new Map(list.rows);
      if (row === undefined) rows.delete(id);
      else rows.set(id, row);
      const known = list.ids ?? [];
      const others = known.filter((one) => one !== id);
      const ids = row === undefined ? others : known.includes(id) ? known : [...known, id];
      return { ...list, ids, rows };
    });
  }

  async #refresh(limit: number): Promise<void> {
    try {
      const { leases } = await this.#lease.leaseLeases({}, CALL);
      const ids = leases.map(({ ID }) => ID);
      const there = new Set(ids);
      this.list.update(({ rows }) => ({
        ids,
        rows: new Map([...rows].filter(([id]) => there.has(id))),
        error: undefined,
      }));
      await this.#syncAll(ids.slice(0, limit).filter((id) => this.#isOld(id, Date.now())));
    } catch (error) {
      this.list.update((list) => ({ ...list, error: ConnectError.from(error) }));
    }
  }

  async #syncAll(ids: bigint[]): Promise<void> {
    const work = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.sync(id);
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  }

  #isOld(id: bigint, nowMs: number): boolean {
    const row = this.list.value.rows.get(id);
    if (row === undefined) return true;
    return nowMs - row.syncedAtMs >= (row.endsAtMs <= nowMs ? ENDING_RESYNC_MS : RESYNC_MS);
  }
}
