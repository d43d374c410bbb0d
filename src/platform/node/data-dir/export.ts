import { existsSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { JournalError } from "../../../journal/index.ts";
import { databaseRowsOf, Etcd, type Restored } from "../../../server/index.ts";
import { writeSnapshot } from "../../../snapshot/index.ts";
import { NO_PROGRESS, type Progress, type ProgressTask } from "../progress.ts";
import { contentLines } from "./check.ts";
import { survey } from "./survey.ts";

const PART_BYTES = 1024 * 1024;
/** Nothing happens to an etcd that is only written down. */
const STOPPED_CLOCK = { now: () => 0, setTimer: () => () => {} };

/**
 * Saves what is whole in a data dir as an etcd's snapshot.
 *
 * @returns what was saved, and what not, for people
 * @throws JournalError as `survey`; where nothing can be made of what is whole; and for a file that is there already
 */
export async function exportDataDir(
  directory: string,
  file: string,
  progress: Progress = NO_PROGRESS,
): Promise<string> {
  if (existsSync(file)) throw new JournalError(`${file} is there already, and is not written over`);
  const found = await survey(directory, progress);
  const { restored, damagedRows, damages } = found;
  if (restored?.state === undefined) {
    throw new JournalError(`nothing can be saved of ${directory}: ${damages.at(-1) ?? "it is empty"}`);
  }
  await writeFile(file, restored, progress);
  const lines = [`saved ${directory} as ${file}`, ...contentLines(found)];
  const left = damagedRows.length + damages.length;
  if (left > 0) {
    lines.push(
      `not everything was whole: what damaged rows put or deleted is missing (\`etcdlite check ${directory}\`)`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** By another name until it is complete. */
async function writeFile(file: string, { state, ids }: Restored, progress: Progress): Promise<void> {
  const etcd = new Etcd({ clock: STOPPED_CLOCK, ...ids }, { state });
  const part = `${file}.part`;
  let writing: ProgressTask | undefined;
  try {
    const handle = await open(part, "wx", 0o600);
    try {
      for (const made of writeSnapshot(databaseRowsOf(etcd), PART_BYTES)) {
        if (made === undefined) continue;
        const { bytes, remainingBytes } = made;
        writing ??= progress.begin(`writing ${file}`, bytes.length + remainingBytes);
        await handle.writeFile(bytes);
        writing.advance(bytes.length);
      }
      writing?.end();
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    throw new JournalError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
