/** All that a data dir holds, told apart into what is whole and what is damaged. */
import type { DatabaseSync } from "node:sqlite";
import { BUCKETS, type Bucket, changesIn, JournalError, MetaName, metaName } from "../../../journal/index.ts";
import { Restoration, type Restored } from "../../../server/index.ts";
import { readLog, recordsBehind } from "../journal/log-format.ts";
import { commitsOf, lossOf } from "../journal/loss.ts";
import { checksum, Tables } from "../journal/tables.ts";
import type { Progress, ProgressTask } from "../progress.ts";
import { withCopy } from "./copy.ts";
import { type Gap, readRows, type StoredRow } from "./salvage.ts";

export interface Survey {
  /** Rows that are whole, by bucket. */
  readonly rows: ReadonlyMap<Bucket, number>;
  /** What is wrong with single rows; those are not among the others. */
  readonly damagedRows: readonly string[];
  /** What else is wrong. */
  readonly damages: readonly string[];
  /** What the whole rows make; undefined where they make nothing together. */
  readonly restored: Restored | undefined;
}

/** SQLite's own words on a damaged file, at most so many of them. */
const MAX_FILE_COMPLAINTS = 10;

/** @throws JournalError where there is nothing to look into, another has it, or a later etcdlite wrote it */
export function survey(directory: string, progress: Progress): Promise<Survey> {
  return withCopy(directory, async (db, sizeBytes) => {
    const surveyor = new Surveyor(db);
    const loss = lossOf(directory, surveyor.takeLog(directory));
    if (loss !== undefined) surveyor.damages.push(loss);
    const checking = progress.begin(`checking the pages of ${directory}`);
    surveyor.checkFile();
    checking.end();
    const reading = progress.begin(`reading ${directory}`, sizeBytes);
    for (const bucket of BUCKETS) surveyor.read(bucket, reading);
    reading.end();
    return surveyor.finish();
  });
}

class Surveyor {
  readonly damages: string[] = [];
  readonly #db: DatabaseSync;
  readonly #rows = new Map<Bucket, number>();
  readonly #damagedRows: string[] = [];
  readonly #restoration = new Restoration();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Puts what is only in the log where the rest is; returns how many writes there are then. */
  takeLog(directory: string): number {
    const taken = this.#commits();
    const log = readLog(directory);
    // To make changes again, and all that followed, does no harm.
    const records = recordsBehind(taken ?? Number(log[0]?.commit) - 1, log);
    const tables = new Tables(this.#db);
    this.#db.exec("BEGIN");
    for (const { commit, changes } of records) {
      this.#db.exec("SAVEPOINT record");
      try {
        tables.apply(changesIn([changes]));
      } catch (error) {
        this.#db.exec("ROLLBACK TO record");
        this.damages.push(`what was written as number ${commit} does not go where the rest is: ${messageOf(error)}`);
      }
      this.#db.exec("RELEASE record");
    }
    this.#db.exec("COMMIT");
    return taken === undefined ? Number.POSITIVE_INFINITY : taken + records.length;
  }

  #commits(): number | undefined {
    try {
      return commitsOf(this.#db);
    } catch (error) {
      this.damages.push(`how many writes there were cannot be read: ${messageOf(error)}`);
      return undefined;
    }
  }

  checkFile(): void {
    try {
      const found = this.#db.prepare(`PRAGMA integrity_check(${MAX_FILE_COMPLAINTS})`).all();
      const complaints = found.flatMap((row) => Object.values(row)).flatMap((text) => String(text).split("\n"));
      if (complaints.join() !== "ok") this.damages.push(...complaints.slice(0, MAX_FILE_COMPLAINTS));
    } catch (error) {
      this.damages.push(messageOf(error));
    }
  }

  read(bucket: Bucket, reading: ProgressTask): void {
    let count = 0;
    const gaps = readRows(this.#db, bucket, (row) => {
      reading.advance(row.key.length + row.value.length);
      const fault = this.#faultOf(bucket, row);
      if (fault === undefined) count++;
      else this.#damagedRows.push(`the row ${hex(row.key)} of the bucket ${bucket}: ${fault}`);
    });
    this.#rows.set(bucket, count);
    for (const gap of gaps) this.damages.push(`the bucket ${bucket} cannot be read ${placeOf(gap)}`);
  }

  finish(): Survey {
    let restored: Restored | undefined;
    try {
      restored = this.#restoration.finish();
    } catch (error) {
      this.damages.push(`the rows make no sense together: ${messageOf(error)}`);
    }
    return { rows: this.#rows, damagedRows: this.#damagedRows, damages: this.damages, restored };
  }

  /** Takes the row into the restoration, or says what is wrong with it. */
  #faultOf(bucket: Bucket, { key, value, crc }: StoredRow): string | undefined {
    if (crc !== checksum(key, value)) return "its checksum is not right";
    try {
      if (bucket !== "key") checkAlone(bucket, key, value);
      this.#restoration.add(bucket, [{ key, value }]);
      return undefined;
    } catch (error) {
      const isLater = bucket === "meta" && metaName(key) === MetaName.schema;
      if (!(error instanceof JournalError) || isLater) throw error;
      return error.message;
    }
  }
}

/** Most rows are looked at only when all of them are there: so each is looked at as if it were the only one. */
function checkAlone(bucket: Bucket, key: Uint8Array, value: Uint8Array): void {
  const restoration = new Restoration();
  restoration.add(bucket, [{ key, value }]);
  restoration.finish();
}

function placeOf({ after, before }: Gap): string {
  if (after === undefined && before === undefined) return "at all";
  if (after === undefined) return `before the row ${hex(before)}`;
  if (before === undefined) return `behind the row ${hex(after)}`;
  return `between the rows ${hex(after)} and ${hex(before)}`;
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
