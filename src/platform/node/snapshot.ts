import { type FileHandle, open } from "node:fs/promises";
import { type RandomAccessFile, readSeed } from "../../driver/index.ts";
import { type Bucket, type Change, JournalError, type Row } from "../../journal/index.ts";
import { type HashSeed, Restoration, type Restored } from "../../server/index.ts";
import { SnapshotError } from "../../snapshot/index.ts";
import type { Progress, ProgressTask } from "./progress.ts";

/** What an etcd begins with that is made from a snapshot. @throws SnapshotError, with the file's path */
export function stateOfSnapshot(path: string, progress: Progress, seed: HashSeed): Promise<Restored["state"]> {
  return restored(path, progress, new Restoration(seed), () => {});
}

/** The same as what to write to a journal that is empty. @throws SnapshotError, with the file's path */
export async function changesOfSnapshot(path: string, progress: Progress): Promise<Change[]> {
  const changes: Change[] = [];
  await restored(path, progress, new Restoration(), (bucket, { key, value }) => {
    changes.push({ bucket, key: key.slice(), value: value.slice() });
  });
  return changes;
}

async function restored(
  path: string,
  progress: Progress,
  restoration: Restoration,
  visit: (bucket: Bucket, row: Row) => void,
): Promise<Restored["state"]> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const reading = progress.begin(`reading ${path}`, size);
      await readSeed(fileOf(handle, size, reading), (bucket, row) => {
        restoration.add(bucket, [row]);
        visit(bucket, row);
      });
      reading.end();
    } finally {
      await handle.close();
    }
    return restoration.finish().state;
  } catch (error) {
    if (error instanceof SnapshotError || error instanceof JournalError || isSystemError(error)) {
      throw new SnapshotError(`the snapshot ${path} cannot be used: ${error.message}`);
    }
    throw error;
  }
}

function fileOf(handle: FileHandle, sizeBytes: number, reading: ProgressTask): RandomAccessFile {
  return {
    sizeBytes,
    read: async (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      reading.advance(filled);
      return bytes.subarray(0, filled);
    },
  };
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
