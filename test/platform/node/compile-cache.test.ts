/** What the command keeps of a start for the next one. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const MAIN = join(import.meta.dirname, "..", "..", "..", "src", "platform", "node", "main.ts");

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-cache-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Its first line. */
function versionWith(env: NodeJS.ProcessEnv): string | undefined {
  const { PATH } = process.env;
  return execFileSync(process.execPath, [MAIN, "--version"], { env: { PATH, ...env }, encoding: "utf8" }).split(
    "\n",
  )[0];
}

test("what was compiled is kept in the user's own folder, and used again", () => {
  const folder = newFolder();
  const first = versionWith({ XDG_CACHE_HOME: folder });
  expect(readdirSync(join(folder, "etcdlite"))).toHaveLength(1);
  expect(versionWith({ XDG_CACHE_HOME: folder })).toBe(first);
});

test("without such a folder, with one that cannot be used, and where Node is told not to, a start is as any other", () => {
  const folder = newFolder();
  const file = join(folder, "file");
  writeFileSync(file, "");
  const expected = versionWith({ XDG_CACHE_HOME: folder, NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(existsSync(join(folder, "etcdlite"))).toBe(false);
  expect(versionWith({})).toBe(expected);
  expect(versionWith({ XDG_CACHE_HOME: file })).toBe(expected);
});
