import { expect, test } from "vitest";
import { mapKey, textOf } from "../../../web/src/store/bytes.ts";
import { CLOCK_KEY, HELLO_KEY, sampleKeys } from "../../../web/src/welcome/sample.ts";

const sample = sampleKeys();
const texts = sample.map(({ key }) => textOf(key) ?? "not UTF-8");
const last = sample.map(({ values }) => values.at(-1) ?? new Uint8Array());

test("every key is there once, and none is the tour's own", () => {
  const keys = [...sample.map(({ key }) => mapKey(key)), mapKey(CLOCK_KEY), mapKey(HELLO_KEY)];
  expect(new Set(keys).size).toBe(keys.length);
});

test("it has what people meet: JSON, YAML, leases, history, bytes, an empty value", () => {
  expect(texts.some((key) => key.endsWith(".json"))).toBe(true);
  expect(texts.some((key) => key.endsWith(".yaml"))).toBe(true);
  expect(sample.filter(({ leaseSeconds }) => leaseSeconds !== undefined)).toHaveLength(3);
  expect(sample.some(({ values }) => values.length > 1)).toBe(true);
  expect(last.some((value) => textOf(value) === undefined)).toBe(true);
  expect(last.some((value) => value.length === 0)).toBe(true);
  expect(texts).toContain("not UTF-8");
  expect(texts.some((key) => key.startsWith("//"))).toBe(true);
});

test("what is called JSON is JSON", () => {
  for (const [at, key] of texts.entries()) {
    if (key.endsWith(".json")) expect(() => JSON.parse(textOf(last[at] ?? new Uint8Array()) ?? "")).not.toThrow();
  }
});
