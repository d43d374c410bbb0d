import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Sha256 } from "../../src/snapshot/sha256.ts";
import { fc } from "../support/property.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("MA2: SHA-256 is that of other implementations, however the bytes come", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
      const ours = new Sha256();
      const theirs = createHash("sha256");
      for (const piece of pieces) {
        ours.update(piece);
        theirs.update(piece);
      }
      expect(hex(ours.digest())).toBe(theirs.digest("hex"));
    }),
    { numRuns: 300 },
  );
});

test("MA2: SHA-256 of every length around a block, and of a large one", () => {
  for (const length of [...Array.from({ length: 200 }, (_, at) => at), 1_000_003]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff);
    const ours = new Sha256();
    ours.update(bytes);
    expect(hex(ours.digest()), `${length} bytes`).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});
