/** JSON that is nested too deep is refused before it is parsed, however it comes. */
import { gzipSync } from "node:zlib";
import { compressionGzip } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { shallow, shallowBody, shallowMessages } from "../../src/rpc/jsondepth.ts";

const REFUSAL = "etcdlite: JSON nested deeper than 3, see --max-message-depth";

async function read(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString("latin1");
}

/** In pieces of each length, as it may be cut anywhere. */
async function* cut(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function envelope(text: string, flags = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, Buffer.from(text, "latin1")]);
}

test.each(["[[[]]]", '{"a":[{}]}', '[[[]],[[]],"[[[[["]', '["\\"[[[[["]', '["\\\\",[[]]]', "[]".repeat(10)])(
  "%j is not too deep for 3, and comes through as it is",
  async (text) => {
    for (let length = 1; length <= text.length; length++) {
      expect(await read(shallowBody(cut(Buffer.from(text), length), 3))).toBe(text);
    }
  },
);

test.each(["[[[[", '{"a":[{"b":{}}]}', '["\\\\",[[[', "[{[{", '"]]]]"[[[['])("%j is", async (text) => {
  for (let length = 1; length <= text.length; length++) {
    await expect(read(shallowBody(cut(Buffer.from(text), length), 3))).rejects.toThrow(REFUSAL);
  }
});

test("of messages in envelopes each has its own depth, and the bytes of the envelopes are none of it", async () => {
  const bytes = Buffer.concat([
    envelope(`"${"x".repeat(0x5b - 2)}"`),
    envelope("[[["),
    envelope("[[["),
    envelope("[[[[[", 1),
    envelope(""),
  ]);
  const deep = Buffer.concat([bytes, envelope("[[[[")]);
  for (const length of [1, 2, 3, 7, 1000]) {
    expect(await read(shallowMessages(cut(bytes, length), 3))).toBe(bytes.toString("latin1"));
    await expect(read(shallowMessages(cut(deep, length), 3))).rejects.toThrow(REFUSAL);
  }
});

test("what is compressed is looked at when it is not any more", async () => {
  const gzip = shallow(compressionGzip, 3);
  expect(Buffer.from(await gzip.decompress(gzipSync("[[[]]]"), 100)).toString()).toBe("[[[]]]");
  await expect(gzip.decompress(gzipSync("[[[["), 100)).rejects.toThrow(REFUSAL);
});
