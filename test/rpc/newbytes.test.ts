import { expect, test } from "vitest";
import { copyOf, newBytes } from "../../src/rpc/newbytes.ts";

test("arrays have the size that was asked for, are zero, and share no byte", () => {
  const arrays = Array.from({ length: 500 }, (_, at) => newBytes((at * 7) % 1200));
  arrays.forEach((bytes, at) => {
    expect(bytes).toEqual(new Uint8Array((at * 7) % 1200));
  });
  arrays.forEach((bytes, at) => {
    bytes.fill(at % 256);
  });
  arrays.forEach((bytes, at) => {
    expect(bytes).toEqual(new Uint8Array((at * 7) % 1200).fill(at % 256));
  });
});

test("a large one has its memory to itself", () => {
  expect(newBytes(5000).buffer.byteLength).toBe(5000);
});

test.each([0, 64, 65, 1024, 1025])("a copy of %i bytes is one", (sizeBytes) => {
  const bytes = new Uint8Array(sizeBytes).fill(7);
  const copy = copyOf(bytes);
  bytes.fill(8);
  expect(copy).toEqual(new Uint8Array(sizeBytes).fill(7));
});
