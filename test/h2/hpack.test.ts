/** RFC 7541: its own examples (appendix C), and that what one side writes the other reads. */
import { describe, expect, test } from "vitest";
import { HpackDecoder } from "../../src/h2/hpack-decoder.ts";
import { HpackEncoder } from "../../src/h2/hpack-encoder.ts";
import { decodeHuffman, encodeHuffman, huffmanLength } from "../../src/h2/huffman.ts";
import { fc } from "../support/property.ts";

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

function decode(decoder: HpackDecoder, hex: string): string[] | undefined {
  const block = bytes(hex);
  return decoder.decode(block, 0, block.length)?.map(({ name, value }) => `${name}: ${value}`);
}

const FIRST = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const REQUESTS = [
  FIRST,
  [...FIRST, "cache-control: no-cache"],
  [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
];

describe("the examples of appendix C", () => {
  test("C.2: a field of each kind", () => {
    const examples = {
      "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572": "custom-key: custom-header",
      "040c 2f73 616d 706c 652f 7061 7468": ":path: /sample/path",
      "1008 7061 7373 776f 7264 0673 6563 7265 74": "password: secret",
      "82": ":method: GET",
    };
    for (const [hex, field] of Object.entries(examples)) {
      expect(decode(new HpackDecoder(4096), hex)).toEqual([field]);
    }
  });

  test("C.3: requests without Huffman codes, on one connection", () => {
    const decoder = new HpackDecoder(4096);
    const blocks = [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    expect(blocks.map((block) => decode(decoder, block))).toEqual(REQUESTS);
  });

  test("C.4: the same with Huffman codes", () => {
    const decoder = new HpackDecoder(4096);
    const blocks = [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    expect(blocks.map((block) => decode(decoder, block))).toEqual(REQUESTS);
  });

  test("C.6: responses, with a table of 256 bytes, from which entries are evicted", () => {
    const decoder = new HpackDecoder(4096);
    decode(decoder, "3fe1 01");
    const date = "date: Mon, 21 Oct 2013 20:13:2";
    const location = "location: https://www.example.com";
    expect(
      decode(
        decoder,
        `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e
         919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      ),
    ).toEqual([":status: 302", "cache-control: private", `${date}1 GMT`, location]);
    expect(decode(decoder, "4883 640e ffc1 c0bf")).toEqual([
      ":status: 307",
      "cache-control: private",
      `${date}1 GMT`,
      location,
    ]);
    expect(
      decode(
        decoder,
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
         d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
      ),
    ).toEqual([
      ":status: 200",
      "cache-control: private",
      `${date}2 GMT`,
      location,
      "content-encoding: gzip",
      "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ]);
  });
});

describe("blocks that are wrong", () => {
  test.each([
    ["an index of 0", "80"],
    ["an index beyond the tables", "be"],
    ["a number that does not end", "ff8080"],
    ["a number that is too large", "ffffffffffffff7f"],
    ["a string that does not end", "000361"],
    ["a string that is not there", "0001"],
    ["a table larger than allowed", "3fe220"],
    ["a size update behind a field", "8220"],
    ["Huffman padding of a whole byte", "0081ff01 61"],
    ["Huffman padding that is not of ones", "00811801 61"],
    ["EOS within a string", "0084ffffffff01 61"],
  ])("%s is a COMPRESSION_ERROR", (_, hex) => {
    expect(() => decode(new HpackDecoder(4096), hex)).toThrow(expect.objectContaining({ code: 9 }));
  });

  test("a list that is too long is read to its end, but not kept", () => {
    const decoder = new HpackDecoder(100);
    expect(decode(decoder, "4001 6101 62 be be be be be")).toBeUndefined();
    expect(decode(decoder, "be")).toEqual(["a: b"]);
  });

  test("a bomb, bytes that stand for thousands each, is an ENHANCE_YOUR_CALM", () => {
    const decoder = new HpackDecoder(8192);
    const value = "61".repeat(3000);
    decode(decoder, `4001 62 7f b916 ${value}`);
    expect(() => decode(decoder, "be".repeat(10_000))).toThrow(expect.objectContaining({ code: 11 }));
  });
});

test("Huffman: what is encoded is decoded, in as many bytes as was said", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
      // Those that would end a line go out as spaces.
      const text = Buffer.from(raw.map((byte) => (byte === 0 || byte === 10 || byte === 13 ? 32 : byte))).toString(
        "latin1",
      );
      const target = new Uint8Array(2000);
      const end = encodeHuffman(text, target, 3);
      expect(end - 3).toBe(huffmanLength(text));
      expect(decodeHuffman(target, 3, end)).toBe(text);
    }),
  );
});

test("what the encoder writes the decoder reads, whatever came before and however the table's size changes", () => {
  const name = fc.oneof(
    fc.constantFrom("content-type", "x-a", "etag", "set-cookie", "authorization", "grpc-message", "vary"),
    fc.stringMatching(/^[a-z][a-z-]{0,20}$/),
  );
  const value = fc.oneof(fc.constantFrom("", "application/grpc", "0"), fc.stringMatching(/^[!-~]{0,200}$/));
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(name, value, { maxKeys: 6 }) },
    fc.integer({ min: 0, max: 5000 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder(1 << 20);
      for (const one of steps) {
        if (typeof one === "number") {
          encoder.setMaxTableBytes(one);
          continue;
        }
        const headers = Object.freeze({ ...one, ":status": 200 });
        // Twice, and the second time perhaps from what was kept.
        for (const block of [encoder.encode(headers), encoder.encode(headers), encoder.encode(headers)]) {
          const fields = decoder.decode(block, 0, block.length) ?? [];
          expect(fields[0]).toMatchObject({ name: ":status", value: "200" });
          expect(Object.fromEntries(fields.slice(1).map((field) => [field.name, field.value]))).toEqual({ ...one });
        }
      }
    }),
  );
});

test("the replies of a connection shrink to a byte a field, and the block is the same one again", () => {
  const encoder = new HpackEncoder();
  const headers = Object.freeze({ ":status": 200, "content-type": "application/grpc" });
  expect(encoder.encode(headers).length).toBeGreaterThan(10);
  const second = encoder.encode(headers);
  expect(second).toEqual(bytes("88 be"));
  expect(encoder.encode(headers)).toBe(second);
});

test("secrets are never to be indexed, and what would end a line does not", () => {
  const block = new HpackEncoder().encode({ authorization: "s", "x-a": "b\r\nset-cookie: c" });
  expect(block[0]).toBe(0x1f);
  const fields = new HpackDecoder(4096).decode(block, 0, block.length);
  expect(fields?.[1]?.value).toBe("b  set-cookie: c");
});
