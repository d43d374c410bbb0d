/** Frames from bytes that arrive in any pieces. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, FrameReader, onlyMessage } from "../../../src/platform/node/grpc/frames.ts";
import { hex } from "./support/raw.ts";

const MAX_BYTES = 1000;

function readAll(pieces: readonly Uint8Array[]): number[][] {
  const reader = new FrameReader(MAX_BYTES);
  const messages: number[][] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      if (!(next instanceof Uint8Array)) throw new Error(next.message);
      messages.push([...next]);
    }
  }
  expect(reader.bufferedBytes).toBe(0);
  return messages;
}

test("however they are cut, the messages are the same", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
      const whole = Buffer.concat(sent.map(encodeFrame));
      const pieces: Uint8Array[] = [];
      for (let at = 0, i = 0; at < whole.length; i++) {
        const size = sizes[i % sizes.length] as number;
        pieces.push(whole.subarray(at, at + size));
        at += size;
      }
      expect(readAll(pieces)).toEqual(sent.map((message) => [...message]));
    }),
  );
});

test("what is read is no Buffer, so that messages are not made of Buffers", () => {
  const reader = new FrameReader(MAX_BYTES);
  reader.push(encodeFrame(hex("0102")));
  const message = reader.next();
  expect(Object.getPrototypeOf(message)).toBe(Uint8Array.prototype);
  expect(Object.getPrototypeOf(onlyMessage(encodeFrame(hex("0102")), MAX_BYTES))).toBe(Uint8Array.prototype);
});

describe("a prefix that is refused is refused before its message has come", () => {
  test.each([
    ["00 000003e9", { code: 8, message: "grpc: received message larger than max (1001 vs. 1000)" }],
    ["00 ffffffff", { code: 8, message: "grpc: received message larger than max (4294967295 vs. 1000)" }],
    ["01 00000001", { code: 13, message: "grpc: compressed flag set with identity or empty encoding" }],
    ["80 00000001", { code: 13, message: "grpc: received unexpected payload format 128" }],
  ])("%s", (prefix, status) => {
    const reader = new FrameReader(MAX_BYTES);
    reader.push(hex(prefix).subarray(0, 4));
    expect(reader.next()).toBeUndefined();
    reader.push(hex(prefix).subarray(4));
    expect(reader.next()).toEqual(status);
  });
});

test.each([
  ["one frame", "00 00000001 aa", [0xaa]],
  ["an empty message", "00 00000000", []],
  ["more than a frame", "00 00000001 aa bb", undefined],
  ["less than a frame", "00 00000002 aa", undefined],
  ["less than a prefix", "00 0000", undefined],
  ["a flag", "01 00000001 aa", undefined],
])("the only message of %s", (_name, bytes, expected) => {
  const message = onlyMessage(hex(bytes), MAX_BYTES);
  expect(message && [...message]).toEqual(expected);
});

test("a message over the limit is no only message: the reader says why", () => {
  expect(onlyMessage(encodeFrame(new Uint8Array(MAX_BYTES)), MAX_BYTES)).toHaveLength(MAX_BYTES);
  expect(onlyMessage(encodeFrame(new Uint8Array(MAX_BYTES + 1)), MAX_BYTES)).toBeUndefined();
});
