/**
 * Where an export goes: into a Blob that is downloaded at the end, whose pieces the browser may keep on disk; or,
 * for large ones and where the browser offers it, straight into a file that the user picks.
 */
import type { Sink } from "./export.ts";

export interface FileSink extends Sink {
  write(data: string | Uint8Array): Promise<void>;
  /** Hands the file over. */
  finish(): Promise<void>;
  /** Nothing is left behind. */
  abandon(): Promise<void>;
}

interface FilePicker {
  showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<{
    createWritable(): Promise<{
      write(data: string | Uint8Array): Promise<void>;
      close(): Promise<void>;
      abort(): Promise<void>;
    }>;
  }>;
}

/** From here on a Blob is more than a page should hold. */
const PICK_FROM_BYTES = 256 * 1024 * 1024;

/** @throws AbortError where the user picks no file */
export async function openSink(fileName: string, mimeType: string, expectedBytes: number): Promise<FileSink> {
  const { showSaveFilePicker } = window as unknown as FilePicker;
  if (showSaveFilePicker === undefined || expectedBytes < PICK_FROM_BYTES) return blobSink(fileName, mimeType);
  const handle = await showSaveFilePicker({ suggestedName: fileName });
  const file = await handle.createWritable();
  return { write: (data) => file.write(data), finish: () => file.close(), abandon: () => file.abort() };
}

function blobSink(fileName: string, mimeType: string): FileSink {
  let parts: Blob[] = [];
  return {
    async write(data) {
      parts.push(new Blob([data as BlobPart]));
    },
    async finish() {
      download(new Blob(parts, { type: mimeType }), fileName);
      parts = [];
    },
    async abandon() {
      parts = [];
    },
  };
}

const REVOKE_AFTER_MS = 60_000;

export function download(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
