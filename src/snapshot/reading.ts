/**
 * Reading without knowing how: a Reading asks for bytes by yielding where they are, and is given them. So the same
 * code reads an array, a file at once, a file in turns, or a Blob.
 */
import { SnapshotError } from "./error.ts";

export interface ReadRequest {
  readonly offset: number;
  readonly length: number;
}

/** To be given exactly the bytes asked for, which nobody changes as long as it goes on. */
export type Reading<T> = Generator<ReadRequest, T, Uint8Array>;

const WINDOW_BYTES = 256 * 1024;
const MAX_WINDOWS = 16;

/** The same with fewer, larger reads: of whole windows, the last few of which are kept. */
export function* buffered<T>(reading: Reading<T>, fileBytes: number): Reading<T> {
  const windows = new Map<number, Uint8Array>();
  let next = reading.next();
  while (!next.done) {
    const { offset, length } = next.value;
    const start = offset - (offset % WINDOW_BYTES);
    if (offset + length > start + WINDOW_BYTES) {
      next = reading.next(yield next.value);
      continue;
    }
    let window = windows.get(start);
    if (window === undefined) {
      window = yield { offset: start, length: Math.min(WINDOW_BYTES, fileBytes - start) };
    } else {
      windows.delete(start);
    }
    // A Map is in the order of insertion: the first is the one that was not asked for for longest.
    windows.set(start, window);
    if (windows.size > MAX_WINDOWS) windows.delete(windows.keys().next().value as number);
    next = reading.next(window.subarray(offset - start, offset - start + length));
  }
  return next.value;
}

/** Reads what is in memory. */
export function readBytes<T>(reading: Reading<T>, file: Uint8Array): T {
  let next = reading.next();
  while (!next.done) {
    const { offset, length } = next.value;
    if (offset + length > file.length) throw new SnapshotError("the file is cut short");
    next = reading.next(file.subarray(offset, offset + length));
  }
  return next.value;
}
