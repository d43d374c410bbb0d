import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUNDLED } from "../../../web/src/settings/licences.ts";
import { PAGE_VERSION } from "../../../web/src/settings/version.ts";
import { sourceFiles } from "../../style/support/source.ts";

function manifest(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Record<string, unknown>;
}

test("the page's version is the package's", () => {
  expect(PAGE_VERSION).toBe(manifest(".").version);
});

test("the licences are those that the packages state", () => {
  const stated = BUNDLED.map(({ name }) => [name, String(manifest(`node_modules/${name}`).license)]);
  const plain = (text: string): string => text.replace(/[()]/g, "");
  expect(BUNDLED.map(({ name, licence }) => [name, licence])).toEqual(
    stated.map(([name = "", licence = ""]) => [name, plain(licence)]),
  );
});

test("every package that the page imports is named", () => {
  const packages = sourceFiles("web", "src/platform/browser")
    .flatMap(({ text }) => [...text.matchAll(/(?:from|import\()\s*"((?:@[\w-]+\/)?[\w-]+)[^"]*"/g)])
    .map(([, name = ""]) => name)
    .filter((name) => !["vite", "@vitejs/plugin-react", "node", "etcdlite"].includes(name));
  const named = new Set(BUNDLED.map(({ name }) => name));
  expect([...new Set(packages)].filter((name) => !named.has(name))).toEqual([]);
});
