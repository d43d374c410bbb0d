import { describe, expect, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { kubernetesEnvelope, kubernetesText } from "../../../web/src/values/kubernetes.ts";
import { parseProtos } from "../../../web/src/values/protobuf.ts";
import { wireFields, wireText } from "../../../web/src/values/wire.ts";
import { envelope, field } from "./support.ts";

const SHOP = `
syntax = "proto3";
package shop.v1;
enum Size { SIZE_UNKNOWN = 0; SMALL = 1; }
message Item {
  string name = 1;
  int64 id = 2;
  repeated int32 counts = 3;
  Size size = 4;
  map<string, double> prices = 5;
  bytes data = 6;
  bool sold = 7;
  message Part { sint32 delta = 1; }
  Part part = 8;
  repeated string tags = 9;
}
`;

const ITEM = Uint8Array.from([
  ...field(1, "tea"),
  ...[0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  ...field(3, Uint8Array.of(1, 0x80, 0x01)),
  ...[0x20, 0x01],
  ...field(5, Uint8Array.from([...field(1, "eur"), 0x11, 0, 0, 0, 0, 0, 0, 0x04, 0x40])),
  ...field(6, Uint8Array.of(0xff)),
  ...[0x38, 0x01],
  ...field(8, Uint8Array.of(0x08, 0x03)),
  ...field(9, "a"),
  ...field(9, "b"),
  ...field(15, "later"),
]);

describe("protobuf by a .proto file", () => {
  test("names the messages, nested ones too", () => {
    expect(parseProtos([{ name: "shop.proto", text: SHOP }]).types).toEqual(["shop.v1.Item", "shop.v1.Item.Part"]);
  });

  test("decodes as proto JSON, and keeps unknown fields in sight", () => {
    const schema = parseProtos([{ name: "shop.proto", text: SHOP }]);
    expect(JSON.parse(schema.decode("shop.v1.Item", ITEM))).toEqual({
      name: "tea",
      id: "-1",
      counts: [1, 128],
      size: "SMALL",
      prices: { eur: 2.5 },
      data: "/w==",
      sold: true,
      part: { delta: -2 },
      tags: ["a", "b"],
      "#15": "later",
    });
  });

  test("says what does not fit", () => {
    const schema = parseProtos([{ name: "shop.proto", text: SHOP }]);
    expect(() => schema.decode("shop.v1.Item.Part", ITEM)).toThrow("field 1 (delta) is sint32");
    expect(() => schema.decode("shop.v1.Item", Uint8Array.of(0xff))).toThrow("no message");
  });

  test("says what is wrong with a file, by its name", () => {
    expect(() => parseProtos([{ name: "bad.proto", text: "message {" }])).toThrow("bad.proto: ");
  });

  test("messages of one file may use those of another", () => {
    const schema = parseProtos([
      { name: "a.proto", text: 'syntax = "proto3"; import "b.proto"; message A { b.B b = 1; }' },
      { name: "b.proto", text: 'syntax = "proto3"; package b; message B { string s = 1; }' },
    ]);
    const bytes = Uint8Array.from(field(1, Uint8Array.from(field(1, "x"))));
    expect(JSON.parse(schema.decode("A", bytes))).toEqual({ b: { s: "x" } });
  });

  test("works where code may not be made from text", () => {
    const held = globalThis.Function;
    try {
      Object.assign(globalThis, {
        Function: () => {
          throw new Error("forbidden by the page's policy");
        },
      });
      const schema = parseProtos([{ name: "shop.proto", text: SHOP }]);
      expect(schema.decode("shop.v1.Item", Uint8Array.from(field(1, "tea")))).toContain("tea");
    } finally {
      Object.assign(globalThis, { Function: held });
    }
  });
});

describe("protobuf without one", () => {
  test("fields by number", () => {
    expect(wireText(Uint8Array.from([...field(1, "tea"), 0x10, 5, ...field(8, Uint8Array.of(0x08, 0x03))]))).toBe(
      '1: "tea"\n2: 5\n8 {\n  1: 3\n}\n',
    );
  });

  test.each([
    ["cut off", [0x0a, 5, 1]],
    ["a group", [0x0b]],
    ["field 0", [0x02, 0]],
    ["an endless varint", Array(11).fill(0xff)],
  ])("%s is no message", (_, bytes) => {
    expect(wireFields(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe("a Kubernetes object", () => {
  const metadata = Uint8Array.from([
    ...field(1, "web"),
    ...field(3, "default"),
    ...field(11, Uint8Array.from([...field(1, "app"), ...field(2, "shop")])),
  ]);
  const bytes = envelope("v1", "Pod", Uint8Array.from(field(1, metadata)));

  test("has its envelope decoded", () => {
    expect(kubernetesEnvelope(bytes)).toMatchObject({ apiVersion: "v1", kind: "Pod" });
    expect(kubernetesEnvelope(utf8("k8s"))).toBeUndefined();
  });

  test("is shown by name, namespace and labels", () => {
    const found = kubernetesEnvelope(bytes);
    const text = found === undefined ? "" : kubernetesText(found);
    expect(text).toContain("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: default\n");
    expect(text).toContain('  labels:\n    app: "shop"');
  });
});
