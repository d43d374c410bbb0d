/** Snapshots: read as at the start with --from-snapshot. Heads are given the checksum they should have, or few get far. */
import { readSeed } from "../../../src/driver/index.ts";
import { JournalError } from "../../../src/journal/index.ts";
import { Restoration } from "../../../src/server/index.ts";
import { CHECKSUM_AT, fnv64a, META_BYTES, PAGE_BYTES, PAGE_HEADER_BYTES } from "../../../src/snapshot/format.ts";
import { SHA256_BYTES, SnapshotError, writeSnapshot } from "../../../src/snapshot/index.ts";
import { storeSomething } from "../rows.ts";
import { refusingLater, type Target } from "../target.ts";

export async function open(): Promise<Target> {
  const parts = [...writeSnapshot((await storeSomething()).lists, PAGE_BYTES)].flatMap((part) =>
    part === undefined ? [] : [part.bytes],
  );
  const whole = new Uint8Array(Buffer.concat(parts));
  return {
    seeds: [whole, whole.slice(0, -SHA256_BYTES)],
    maxBytes: 128 * 1024,
    run: async (input) => {
      for (const page of [0, PAGE_BYTES]) mendHead(input, page + PAGE_HEADER_BYTES);
      const restoration = new Restoration();
      const file = {
        sizeBytes: input.length,
        read: async (offset: number, length: number) => input.slice(offset, offset + length),
      };
      await refusingLater([SnapshotError, JournalError], async () => {
        await readSeed(file, (bucket, row) => restoration.add(bucket, [row]));
        return restoration.finish();
      });
    },
  };
}

function mendHead(file: Uint8Array, at: number): void {
  if (file.length < at + META_BYTES) return;
  const view = new DataView(file.buffer, file.byteOffset + at, META_BYTES);
  view.setBigUint64(CHECKSUM_AT, fnv64a(file.subarray(at, at + CHECKSUM_AT)), true);
}
