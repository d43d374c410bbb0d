/** `etcdlite check DIR` and `etcdlite export DIR FILE`: what to do with a data dir that is damaged, or at hand. */

import { ConfigError } from "../listen/urls.ts";
import type { Progress } from "../progress.ts";

export const DATA_DIR_COMMANDS = `
Commands, for a data dir that no etcdlite uses at the moment; it is only read:
  etcdlite check DIR                           says whether it is whole, and what is damaged
  etcdlite export DIR FILE                     saves what is whole as a snapshot of etcd`;

export interface CommandResult {
  readonly text: string;
  readonly isWell: boolean;
}

const USAGE: Readonly<Record<string, readonly string[]>> = { check: ["DIR"], export: ["DIR", "FILE"] };

/** Undefined for a command line that is no such command. @throws ConfigError, JournalError */
export async function runDataDirCommand(
  [name = "", ...args]: readonly string[],
  progress: Progress,
): Promise<CommandResult | undefined> {
  const needed = Object.hasOwn(USAGE, name) ? USAGE[name] : undefined;
  if (needed === undefined) return undefined;
  if (args.length !== needed.length || args.some((arg) => arg.startsWith("-"))) {
    throw new ConfigError(`the command is: etcdlite ${[name, ...needed].join(" ")}`);
  }
  const [directory = "", file = ""] = args;
  // Only then, as Node says whenever its SQLite is loaded that it may change.
  const { checkDataDir, exportDataDir } = await import("../data-dir/index.ts");
  if (name === "export") return { text: await exportDataDir(directory, file, progress), isWell: true };
  const { text, isWhole } = await checkDataDir(directory, progress);
  return { text, isWell: isWhole };
}
