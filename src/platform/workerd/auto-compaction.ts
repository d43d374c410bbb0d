import { EtcdError } from "../../errors.ts";
import type { Clock, Etcd, EtcdOptions } from "../../server/index.ts";
import type { SqlStorage } from "./types.ts";

export interface AutoCompactionHost {
  readonly etcd: Etcd;
  readonly clock: Clock;
  readonly sql: SqlStorage;
}

type Settings = Pick<
  EtcdOptions,
  "autoCompactionMode" | "autoCompactionRetentionMs" | "autoCompactionRetentionRevisions"
>;

/** As in etcd: of the retention, or of an hour where that is less, how often it looks. */
const SAMPLES = 10;
const HOUR_MS = 60 * 60 * 1000;
/** As in etcd. */
const REVISION_INTERVAL_MS = 5 * 60 * 1000;

/**
 * etcd's auto-compaction, for an etcd that sleeps most of the time: what revision there was when is kept in the
 * database, and a timer, which wakes the object, is set only as long as there is something to compact.
 *
 *     a write ──► timer ──► note (now, revision); compact to the newest note that is as old as the retention
 *                   ▲                 │
 *                   └── something is left to be compacted
 */
export class AutoCompaction {
  readonly #host: AutoCompactionHost;
  readonly #settings: Settings;
  readonly #intervalMs: number;
  #isWaiting = false;

  constructor(host: AutoCompactionHost, settings: Pick<Settings, never> & Partial<Settings>) {
    const {
      autoCompactionMode = "periodic",
      autoCompactionRetentionMs = 0,
      autoCompactionRetentionRevisions = 0,
    } = settings;
    this.#host = host;
    this.#settings = { autoCompactionMode, autoCompactionRetentionMs, autoCompactionRetentionRevisions };
    this.#intervalMs =
      autoCompactionMode === "revision" ? REVISION_INTERVAL_MS : Math.min(autoCompactionRetentionMs, HOUR_MS) / SAMPLES;
  }

  /** Without a retention nothing is ever compacted. */
  start(): void {
    const { autoCompactionMode, autoCompactionRetentionMs, autoCompactionRetentionRevisions } = this.#settings;
    const isOn =
      autoCompactionMode === "revision" ? autoCompactionRetentionRevisions > 0 : autoCompactionRetentionMs > 0;
    if (!isOn) return;
    const { etcd, sql } = this.#host;
    sql.exec("CREATE TABLE IF NOT EXISTS notes (at_ms INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT");
    etcd.store.onCommit(() => this.#wait());
    if (this.#isLeft()) this.#wait();
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#host.clock.setTimer(this.#intervalMs, () => {
      this.#isWaiting = false;
      const target = this.#target();
      if (target !== undefined) this.#compact(target);
      if (this.#isLeft()) this.#wait();
    });
  }

  /** Whether there will be something to compact though nothing more is written. */
  #isLeft(): boolean {
    const { etcd } = this.#host;
    const { autoCompactionMode, autoCompactionRetentionRevisions } = this.#settings;
    const { revision, compactRevision } = etcd.store;
    const kept = autoCompactionMode === "revision" ? autoCompactionRetentionRevisions : 0;
    // The revision of an empty store is 1, and no compaction goes lower.
    return revision - kept > Math.max(1, compactRevision);
  }

  #target(): number | undefined {
    const { autoCompactionMode, autoCompactionRetentionRevisions } = this.#settings;
    const { revision, compactRevision } = this.#host.etcd.store;
    const target =
      autoCompactionMode === "revision" ? revision - autoCompactionRetentionRevisions : this.#noted(revision);
    return target !== undefined && target > Math.max(0, compactRevision) ? target : undefined;
  }

  /** Notes the revision of now; returns that of the newest note that is as old as the retention. */
  #noted(revision: number): number | undefined {
    const { sql, clock } = this.#host;
    const nowMs = clock.now();
    const untilMs = nowMs - this.#settings.autoCompactionRetentionMs;
    const query = "SELECT at_ms, revision FROM notes WHERE at_ms <= ? ORDER BY at_ms DESC LIMIT 1";
    const [[atMs, noted] = []] = [...sql.exec(query, untilMs).raw()];
    sql.exec("INSERT OR REPLACE INTO notes VALUES (?, ?)", nowMs, revision);
    if (atMs === undefined) return undefined;
    sql.exec("DELETE FROM notes WHERE at_ms < ?", atMs);
    return Number(noted);
  }

  /** An alarm may forbid it for a while, and a client may have been faster. */
  #compact(revision: number): void {
    try {
      this.#host.etcd.compact(revision);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    }
  }
}
