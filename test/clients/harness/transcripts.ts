/**
 * Transcripts: a script runs against a fresh server, and what the client printed must be what it prints for a real
 * etcd: one started for the purpose if there is one, else the recording. With a real etcd at hand the recordings
 * themselves are checked too.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { firstDifference } from "./diff.ts";
import type { Recorder } from "./report.ts";
import type { SuiteContext } from "./suite.ts";
import { NotApplicable, Skipped } from "./suite.ts";

const SCRIPT_TIMEOUT_MS = 120_000;

export type TranscriptScript = {
  readonly name: string;
  /** The recording. */
  readonly file: string;
  /** A difference that is known, and why: it must still be there, or this line must go. */
  readonly knownDifference?: string;
  /** The server's flags, and the files in this folder that they name. */
  flags?(folder: string): readonly string[];
  /** What the client printed, with names in place of what differs by its nature; the folder is empty but for flags(). */
  transcribe(url: string, folder: string): Promise<string>;
};

export async function runScript(context: SuiteContext, cases: Recorder, script: TranscriptScript): Promise<void> {
  await cases.test(script.name, () => compare(context, script), SCRIPT_TIMEOUT_MS);
}

async function compare(context: SuiteContext, script: TranscriptScript): Promise<void> {
  const { file } = script;
  const both = [
    transcribe((flags) => context.startServer(flags), script),
    transcribe((flags) => context.startReference(flags), script),
  ] as const;
  // Where one fails the other is waited for too: it has a server to stop.
  await Promise.allSettled(both);
  const [actual, expected] = await Promise.all(both);
  if (actual === undefined) throw new Error("no server to test");
  if (context.record) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
  }
  const difference = firstDifference(expected ?? recorded(file), actual);
  if (script.knownDifference !== undefined && context.subject !== "etcd") {
    if (difference === undefined) throw new Error("the known difference is gone: take knownDifference out");
    throw new NotApplicable(`a known difference: ${script.knownDifference}`);
  }
  if (difference !== undefined) throw new Error(`not what the client prints for etcd:\n${difference}`);
  if (expected !== undefined && recorded(file) !== expected) {
    throw new Error(`the recording is stale (--record):\n${firstDifference(recorded(file), expected)}`);
  }
}

async function transcribe(
  startServer: (flags: readonly string[]) => ReturnType<SuiteContext["startReference"]>,
  script: TranscriptScript,
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "client-script-"));
  try {
    const server = await startServer(script.flags?.(folder) ?? []);
    if (server === undefined) return undefined;
    try {
      return await script.transcribe(server.url, folder);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recorded(file: string): string {
  if (!existsSync(file)) throw new Skipped(`no real etcd to compare with and no recording ${file}`);
  return readFileSync(file, "utf8");
}
