/** The policy that the page brings along and the one that the server sends are of one mind. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PAGE_POLICY } from "../../web/build/policy.ts";
import { startFront } from "../platform/node/support/front.ts";

const PLAYGROUND = join(import.meta.dirname, "..", "..", "web", "public", "playground.html");

function directivesOf(policy: string): Map<string, string> {
  return new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );
}

async function servedPolicy(): Promise<Map<string, string>> {
  const webRoot = mkdtempSync(join(tmpdir(), "etcdlite-policy-"));
  onTestFinished(() => rmSync(webRoot, { recursive: true }));
  writeFileSync(join(webRoot, "index.html"), "<title>t</title>");
  const { url } = await startFront({ webRoot });
  return directivesOf((await fetch(url)).headers.get("content-security-policy") ?? "");
}

test("the page's own says what the server's does, but for what only a header can say and only the playground needs", async () => {
  const served = await servedPolicy();
  expect(served.get("frame-ancestors")).toBe("'none'");
  served.delete("frame-ancestors");
  expect(served.get("worker-src")).toBe("'self' blob:");
  served.set("worker-src", "'self'");
  expect(directivesOf(PAGE_POLICY)).toEqual(served);
});

test("the playground's page allows no more than the server does, and its files obey", async () => {
  const served = await servedPolicy();
  const html = readFileSync(PLAYGROUND, "utf8");
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? "";
  for (const [name, sources] of directivesOf(policy)) {
    for (const source of sources.split(" ")) expect(served.get(name)?.split(" ")).toContain(source);
  }
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});

test("nothing inline, nothing evaluated, and nobody else's scripts", () => {
  expect(PAGE_POLICY).not.toMatch(/unsafe|\*|nonce|strict-dynamic/);
  expect(directivesOf(PAGE_POLICY).get("default-src")).toBe("'none'");
});
