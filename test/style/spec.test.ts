import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULES } from "../../scripts/rules.ts";
import { ruleTests, SPEC_PATH, specPage } from "../../scripts/spec.ts";

const tests = ruleTests();

test("test/SPEC.md is what `npm run spec` writes", () => {
  expect(readFileSync(SPEC_PATH, "utf8")).toBe(specPage(tests));
});

test("every rule is held by a test, or is said to come later", () => {
  const held = new Set(tests.map(({ rule }) => rule));
  expect(RULES.filter(({ id, later }) => !held.has(id) && later === undefined)).toEqual([]);
  expect(RULES.filter(({ id, later }) => held.has(id) && later !== undefined)).toEqual([]);
});

test("every rule that a test cites exists, and each is listed once", () => {
  const ids = RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(tests.filter(({ rule }) => !ids.includes(rule))).toEqual([]);
});

test("no two tests of a rule have the same name", () => {
  const names = tests.map(({ rule, file, name }) => `${rule} ${file}: ${name}`);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
