/** Each target on its seeds and a few mutations of them; what fuzzing has found; and that the fuzzer finds anything. */
import { describe, expect, test } from "vitest";
import { type Finding, Fuzzer, failureOf } from "./fuzzer.ts";
import { Mutator } from "./mutate.ts";
import { Random, seedOf } from "./random.ts";
import { openTarget, TARGETS, type Target, utf8 } from "./target.ts";

const BATCHES = 1;

async function fuzz(target: Target, seed: number, batches: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const fuzzer = new Fuzzer({ target, seed, onFinding: (finding) => findings.push(finding) });
  await fuzzer.start();
  for (let i = 0; i < batches; i++) await fuzzer.batch();
  return findings;
}

describe.each(TARGETS)("%s", (name) => {
  test("takes its seeds, and survives mutations of them", { timeout: 60_000 }, async () => {
    const target = await openTarget(name);
    const findings = await fuzz(target, seedOf(1, name), BATCHES);
    const shown = findings.map(({ input, reason }) => `${Buffer.from(input).toString("base64")}: ${reason}`);
    expect(shown).toEqual([]);
  });
});

test("json: a message that the gateway does not have, with a field as none of etcd's", async () => {
  const input = Buffer.from("XQ==", "base64");
  expect(await failureOf(await openTarget("json"), input)).toBeUndefined();
});

test("what fails is found, once each, and as small as can be", async () => {
  const target: Target = {
    seeds: [utf8("a long and harmless beginning")],
    dictionary: ["<", ">"],
    run: (input) => {
      const text = Buffer.from(input).toString("latin1");
      if (/<.*>/s.test(text)) throw new RangeError("a tag");
      if (text.startsWith(">")) throw new TypeError("an end");
    },
  };
  const findings = await fuzz(target, 3, 20);
  const found = findings.map(
    ({ input, reason }) => `${Buffer.from(input).toString("latin1")} ${reason.split("\n")[0]}`,
  );
  expect(found.sort()).toEqual(["<> RangeError: a tag", "> TypeError: an end"]);
});

test("what rejects later is found too, and an input of nothing is one", async () => {
  const target: Target = {
    seeds: [utf8("x")],
    run: async (input) => {
      await Promise.resolve();
      if (input.length === 0) throw new Error("nothing");
    },
  };
  expect(await failureOf(target, new Uint8Array(0))).toContain("nothing");
  expect(await failureOf(target, utf8("x"))).toBeUndefined();
});

test("the same seed makes the same inputs, another others", () => {
  const corpus = [utf8("GET / HTTP/1.1"), utf8("{}")];
  const inputs = (seed: number): string => {
    const mutator = new Mutator(new Random(seed), ["\r\n"], 100);
    return Array.from({ length: 200 }, () => Buffer.from(mutator.next(corpus)).toString("hex")).join();
  };
  expect(inputs(5)).toBe(inputs(5));
  expect(inputs(5)).not.toBe(inputs(6));
  expect(corpus.map((bytes) => Buffer.from(bytes).toString())).toEqual(["GET / HTTP/1.1", "{}"]);
});
