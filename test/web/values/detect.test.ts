import { describe, expect, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { detect } from "../../../web/src/values/detect.ts";
import { envelope } from "./support.ts";

describe("a value's kind", () => {
  test.each([
    ["", "empty"],
    ['{"a":1}', "json"],
    ["  [1, 2]\n", "json"],
    ['"text"', "json"],
    ["{not json}", "text"],
    ["12", "text"],
    ["true", "text"],
    ["hello, world", "text"],
    ["name: shop\nports:\n  - 80\n", "yaml"],
    ["# a comment\n- one\n- two\n", "yaml"],
    ["---\nname: shop\n", "yaml"],
    ["http://127.0.0.1:2379", "text"],
    ["Dear all:\nthis is prose.\n", "text"],
    ["key=value\nother: thing", "text"],
    ["deadbeef00112233", "hex"],
    ["1234567812345678", "text"],
    ["deadbee", "text"],
    ["feedfeedfeedfeed", "text"],
    ["aGVsbG8sIHdvcmxkLCBob3c=", "base64"],
    ["internationalization", "text"],
    ["a\u0000b", "binary"],
    ["colour \u001b[31mred\u001b[0m", "text"],
  ])("%j is %s", (text, kind) => {
    expect(detect(utf8(text)).kind).toBe(kind);
  });

  test("bytes that are not UTF-8 are binary and have no text", () => {
    expect(detect(Uint8Array.of(0xff, 0xfe))).toEqual({ kind: "binary", text: undefined, label: "Binary" });
  });

  test("Kubernetes objects are named, protobuf or JSON", () => {
    expect(detect(envelope("apps/v1", "Deployment", Uint8Array.of()))).toMatchObject({
      kind: "kubernetes",
      label: "Kubernetes apps/v1 Deployment",
    });
    const json = utf8('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}');
    expect(detect(json)).toMatchObject({ kind: "json", label: "Kubernetes v1 Pod" });
  });

  test("a mebibyte is told at once", () => {
    const big = utf8(`{"items":[${Array.from({ length: 60_000 }, (_, at) => `{"id":${at}}`).join(",")}]}`);
    const startedAtMs = performance.now();
    expect(detect(big).kind).toBe("json");
    expect(detect(utf8("a".repeat(1024 * 1024))).kind).toBe("text");
    expect(detect(utf8("key: value\n".repeat(100_000))).kind).toBe("text");
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});
