import { type Bucket, type Change, decodeLease, encodeLease, type Row } from "../../journal/index.ts";
import type { Clock } from "../../server/index.ts";
import type { Companion } from "./journal.ts";
import type { SqlStorage } from "./types.ts";

/**
 * When each lease ends by the time of day, as an object that sleeps, or is moved to another machine, is no server
 * that is down: its leases' time goes on. Elsewhere a journal knows only how much time a lease had left when that was
 * last written down.
 *
 * A lease is written when it is granted and whenever it is renewed (`recordRenewals`), so its time begins anew with
 * the row. Read back, what is left is rounded up to a second: it may end that much later, and never earlier.
 */
export class LeaseEnds implements Companion {
  readonly #sql: SqlStorage;
  readonly #clock: Pick<Clock, "now">;

  constructor(sql: SqlStorage, clock: Pick<Clock, "now">) {
    this.#sql = sql;
    this.#clock = clock;
  }

  create(): void {
    this.#sql.exec("CREATE TABLE lease_ends (key BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID");
  }

  written({ bucket, key, value }: Change): void {
    if (bucket !== "lease") return;
    if (value === undefined) {
      this.#sql.exec("DELETE FROM lease_ends WHERE key = ?", key);
      return;
    }
    const { ttlSeconds, remainingSeconds } = decodeLease(value);
    const atMs = this.#clock.now() + (remainingSeconds || ttlSeconds) * 1000;
    this.#sql.exec("INSERT OR REPLACE INTO lease_ends VALUES (?, ?)", key, atMs);
  }

  read(bucket: Bucket, row: Row): Row {
    if (bucket !== "lease") return row;
    const [[atMs] = []] = [...this.#sql.exec("SELECT at_ms FROM lease_ends WHERE key = ?", row.key).raw()];
    if (typeof atMs !== "number") return row;
    const lease = decodeLease(row.value);
    const leftSeconds = Math.max(1, Math.ceil((atMs - this.#clock.now()) / 1000));
    const remainingSeconds = leftSeconds >= lease.ttlSeconds ? 0 : leftSeconds;
    return { key: row.key, value: encodeLease({ ...lease, remainingSeconds }) };
  }
}
