import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

const OWNER_ONLY = 0o700;

/**
 * Makes a folder, and those above it that are missing, for the user alone. Node's own way to do so does not end where
 * none can be made but the system's answer is that the one above is missing, as it is in /proc.
 * @throws the system's error
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const above = dirname(resolve(folder));
  if (above !== resolve(folder)) makeFolder(above);
  try {
    mkdirSync(folder, { mode: OWNER_ONLY });
  } catch (error) {
    // Somebody else may have made it by now.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  // Where something above it is a file, there is none either.
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
