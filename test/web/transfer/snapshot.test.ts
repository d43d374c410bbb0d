import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { SnapshotResponseSchema } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { Clients } from "../../../web/src/store/clients.ts";
import { saveSnapshot } from "../../../web/src/transfer/snapshot.ts";
import { fc } from "../../support/property.ts";

/** A server that sends these pieces. */
function serverOf(pieces: readonly Uint8Array[]): Pick<Clients, "maintenance"> {
  const snapshot = async function* () {
    let remaining = pieces.reduce((sum, { length }) => sum + length, 0);
    for (const blob of pieces) {
      remaining -= blob.length;
      yield create(SnapshotResponseSchema, { blob, remainingBytes: BigInt(remaining), version: "3.7.0" });
    }
  };
  return { maintenance: { snapshot } } as unknown as Pick<Clients, "maintenance">;
}

function withChecksum(database: Uint8Array): Uint8Array {
  return Uint8Array.of(...database, ...createHash("sha256").update(database).digest());
}

async function saved(pieces: readonly Uint8Array[]) {
  const written: number[] = [];
  const progress: (readonly [number, number | undefined])[] = [];
  const result = await saveSnapshot(
    serverOf(pieces),
    { write: async (data) => void written.push(...(data as Uint8Array)) },
    (done, total) => progress.push([done, total]),
    new AbortController().signal,
  );
  return { written, progress, result };
}

/** A file cut into pieces wherever. */
const pieces = fc
  .tuple(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(240), { maxLength: 6 }))
  .map(([file, cuts]) => {
    const whole = withChecksum(file);
    const places = [0, ...cuts.filter((cut) => cut < whole.length), whole.length].sort((a, b) => a - b);
    return { whole, parts: places.slice(1).map((place, at) => whole.subarray(places[at], place)) };
  });

test("the file is what the server sent, however it was cut, and its progress comes to its end", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async ({ whole, parts }) => {
      const { written, progress, result } = await saved(parts);
      expect(written).toEqual([...whole]);
      expect(result).toEqual({ sizeBytes: whole.length, version: "3.7.0" });
      expect(progress.at(-1)).toEqual([whole.length, whole.length]);
    }),
  );
});

test("one that is damaged or cut off is refused", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(), fc.boolean(), async ({ whole }, place, isCut) => {
      const at = place % whole.length;
      const wrong = isCut ? whole.slice(0, at) : whole.with(at, (whole[at] ?? 0) ^ 1);
      await expect(saved([wrong])).rejects.toThrow(/checksum does not match/);
    }),
  );
});
