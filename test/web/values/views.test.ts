import { describe, expect, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import { detect } from "../../../web/src/values/detect.ts";
import { preview } from "../../../web/src/values/preview.ts";
import { shownAs, viewsOf } from "../../../web/src/values/views.ts";

describe("the views of a value", () => {
  test.each([
    ['{"a":1}', ["pretty", "text", "hex", "base64", "protobuf"]],
    ["hello", ["text", "hex", "base64", "protobuf"]],
    ["deadbeef00112233", ["text", "pretty", "hex", "base64", "protobuf"]],
  ])("%s", (text, views) => {
    expect(viewsOf(detect(utf8(text)))).toEqual(views);
  });

  test("bytes have no text", () => {
    const bytes = Uint8Array.of(0xff);
    expect(viewsOf(detect(bytes))).toEqual(["hex", "base64", "protobuf"]);
    expect(shownAs(bytes, detect(bytes), "text")).toBeUndefined();
  });

  test("base64 is shown decoded, and says so", () => {
    const bytes = utf8(btoa('{"hello":"world"}'));
    const shown = shownAs(bytes, detect(bytes), "pretty");
    expect(shown).toMatchObject({ text: '{\n  "hello": "world"\n}', language: "json" });
    expect(shown?.note).toBe("Decoded from base64: JSON, 17 bytes.");
  });
});

describe("a value in small", () => {
  test("is cut between characters", () => {
    expect(preview(utf8("aé€"), 3)).toEqual({ text: "aé", hex: false, leftBytes: 3 });
    expect(preview(utf8("aé€"), 4)).toMatchObject({ text: "aé", hex: false });
    expect(preview(utf8("aé€"), 6)).toEqual({ text: "aé€", hex: false, leftBytes: 0 });
  });

  test("is hex where it is no text", () => {
    expect(preview(Uint8Array.of(0xff, 0x00), 100)).toEqual({ text: "ff 00", hex: true, leftBytes: 0 });
  });
});
