/**
 * A data dir to look into: a copy of its files, elsewhere, as SQLite writes to whatever it opens that was not closed
 * properly. The data dir itself is only read.
 */
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalError } from "../../../journal/index.ts";
import { explained, isInUse } from "../journal/errors.ts";
import { databaseFile, rollbackFile, walFile } from "../journal/files.ts";
import { bringUpToDate } from "../journal/layout.ts";

/**
 * Has `use` look into a copy of the database, brought to the layout of today; what is in the log only is not in it.
 * @throws JournalError where there is none, another has it, or nothing of it can be read
 */
export async function withCopy<T>(
  directory: string,
  use: (db: DatabaseSync, sizeBytes: number) => Promise<T>,
): Promise<T> {
  if (!existsSync(databaseFile(directory))) throw new JournalError(`${directory} holds no data of an etcdlite`);
  const place = mkdtempSync(join(tmpdir(), "etcdlite-copy-"));
  try {
    refuseInUse(directory);
    for (const fileOf of [databaseFile, walFile, rollbackFile]) {
      const file = fileOf(directory);
      if (existsSync(file)) copyFileSync(file, fileOf(place), constants.COPYFILE_FICLONE);
    }
    refuseInUse(directory);
    const db = new DatabaseSync(databaseFile(place));
    try {
      db.exec("PRAGMA synchronous = OFF");
      bringUpToDate(db, directory);
      return await use(db, statSync(databaseFile(directory)).size);
    } finally {
      db.close();
    }
  } catch (error) {
    throw explained(error, directory);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/**
 * Asks for the lock that an etcdlite holds as long as it runs. Who only reads cannot have that one, so that all else
 * fails too, before anything is written.
 */
function refuseInUse(directory: string): void {
  const db = new DatabaseSync(databaseFile(directory), { readOnly: true });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch (error) {
    if (isInUse(error)) throw error;
  } finally {
    db.close();
  }
}
