/** RFC 9113, 8.2 and 8.3: what makes a request, and what makes none. */
import { describe, expect, test } from "vitest";
import { requestHead } from "../../src/h2/request-headers.ts";
import { data, END_STREAM, headers, POST } from "./support/frames.ts";
import { Peer } from "./support/peer.ts";

type Fields = readonly (readonly [string, string])[];

function head(fields: Fields): ReturnType<typeof requestHead> {
  return requestHead(fields.map(([name, value]) => ({ name, value })));
}

const [METHOD, SCHEME, PATH] = POST;

describe("malformed requests", () => {
  const cases: Record<string, Fields> = {
    "no method": [SCHEME, PATH],
    "no scheme": [METHOD, PATH],
    "no path": [METHOD, SCHEME],
    "an empty path": [METHOD, SCHEME, [":path", ""]],
    "a path that is none": [METHOD, SCHEME, [":path", "x"]],
    "a path with a space": [METHOD, SCHEME, [":path", "/a b"]],
    "* for a method other than OPTIONS": [METHOD, SCHEME, [":path", "*"]],
    "a pseudo-header twice": [...POST, PATH],
    "an unknown pseudo-header": [...POST, [":status", "200"]],
    "a pseudo-header behind others": [METHOD, SCHEME, ["x-a", "b"], PATH],
    "a name in capitals": [...POST, ["X-A", "b"]],
    "a name with a space": [...POST, ["x a", "b"]],
    "no name": [...POST, ["", "b"]],
    "a value with a line feed": [...POST, ["x-a", "b\nc"]],
    "a value with a NUL": [...POST, ["x-a", "b\0c"]],
    "a value with space around it": [...POST, ["x-a", " b"]],
    connection: [...POST, ["connection", "keep-alive"]],
    "transfer-encoding": [...POST, ["transfer-encoding", "chunked"]],
    upgrade: [...POST, ["upgrade", "h2c"]],
    "te that is not trailers": [...POST, ["te", "trailers, gzip"]],
    "a length that is none": [...POST, ["content-length", "-1"]],
    "two lengths": [...POST, ["content-length", "1"], ["content-length", "2"]],
    "CONNECT with a path": [[":method", "CONNECT"], [":authority", "a"], PATH],
  };
  test.each(Object.entries(cases))("%s", (_, fields) => {
    expect(head(fields)).toBeUndefined();
    const peer = new Peer();
    peer.send(headers(1, 4, fields));
    expect(peer.said()).toEqual(["1 RST_STREAM PROTOCOL_ERROR"]);
    expect(peer.events).toEqual([]);
  });
});

describe("requests", () => {
  test.each<readonly [string, Fields]>([
    ["OPTIONS *", [[":method", "OPTIONS"], SCHEME, [":path", "*"]]],
    [
      "CONNECT",
      [
        [":method", "CONNECT"],
        [":authority", "a:1"],
      ],
    ],
    ["te: trailers", [...POST, ["te", "trailers"]]],
    ["the same length twice", [...POST, ["content-length", "2"], ["content-length", "2"]]],
  ])("%s", (_, fields) => {
    expect(head(fields)).toBeDefined();
  });

  test("fields that come several times are joined as node:http2 joins them", () => {
    const fields: Fields = [
      ...POST,
      ["cookie", "a=1"],
      ["cookie", "b=2"],
      ["x-a", "1"],
      ["x-a", "2"],
      ["set-cookie", "x"],
      ["set-cookie", "y"],
      ["content-type", "first"],
      ["content-type", "second"],
      ["__proto__", "safe"],
    ];
    expect({ ...head(fields)?.headers }).toMatchObject({
      cookie: "a=1; b=2",
      "x-a": "1, 2",
      "set-cookie": ["x", "y"],
      "content-type": "first",
    });
    expect(Object.entries(head(fields)?.headers ?? {})).toContainEqual(["__proto__", "safe"]);
  });
});

describe("the length that was announced", () => {
  const sized = (length: number, flags = 4): Buffer => headers(1, flags, [...POST, ["content-length", String(length)]]);
  test.each([
    ["is the length", [sized(3), data(1, "ab"), data(1, "c", END_STREAM)], []],
    ["is more than comes", [sized(3), data(1, "ab", END_STREAM)], ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["is less than comes", [sized(3), data(1, "abcd")], ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["is more than nothing", [sized(3, 5)], ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["is more than comes before trailers", [sized(3), headers(1, 5, [])], ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["is nothing, and nothing comes", [sized(0, 5)], []],
  ])("%s", (_, frames, said) => {
    const peer = new Peer();
    peer.send(...frames);
    expect(peer.said()).toEqual(said);
  });
});

test("a list that is too long costs its stream, and the table goes on", () => {
  const peer = new Peer({ maxHeaderBytes: 2000 });
  peer.send(headers(1, 4, [...POST, ["x-a", "b".repeat(1900)]]), headers(3));
  expect(peer.said()).toEqual(["1 RST_STREAM ENHANCE_YOUR_CALM"]);
  expect(peer.events).toEqual(["3 request POST /x"]);
});
