/** A process that is killed as it writes: between a log's file and the other, as rows go into the database, anywhere. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { SqliteJournal } from "../../../../src/platform/node/journal/sqlite.ts";

const WRITER = join(import.meta.dirname, "support", "writer.ts");
const RUN = "deno" in process.versions ? ["run", "-A"] : [];
/** Rows of a life: a file of the log takes 84, so that the files take turns, and the database takes over. */
const LIVES = [5, 90, 170, 86, 255];

/** Writes from a row on until so many are durable, and is killed. @returns the last of which it has said so */
async function live(directory: string, first: number, count: number): Promise<number> {
  const child = spawn(process.execPath, [...RUN, WRITER, directory, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "exit");
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= first + count - 1) child.kill("SIGKILL");
  }
  await exit;
  return last;
}

async function rowsOf(directory: string): Promise<number> {
  const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
  let count = 0;
  for await (const rows of journal.rows("key")) {
    for (const { key, value } of rows) {
      expect(`${Buffer.from(key)} ${value[0]} ${value.at(-1)}`).toBe(
        `${String(count).padStart(8, "0")} ${count % 256} ${count % 256}`,
      );
      count++;
    }
  }
  await journal.close();
  return count;
}

test("what was durable is there, and of the rest whole writes, from the first on", { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-killed-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let rows = 0;
  for (const count of LIVES) {
    const last = await live(directory, rows, count);
    rows = await rowsOf(directory);
    // One more may be there: that it is was not said any more.
    expect([last + 1, last + 2]).toContain(rows);
  }
});
