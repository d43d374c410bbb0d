/** The examples of how to run it: what they say to etcdlite and to systemd is understood. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { readCommandLine } from "../../src/platform/node/cli/command-line.ts";
import { findFlag, flagNames, variableOf } from "../../src/platform/node/cli/flags.ts";
import { settingsOf } from "../../src/platform/node/cli/settings.ts";
import { createServer } from "../../src/platform/node/index.ts";
import { toolsAreRequired } from "../support/etcd.ts";

const EXAMPLES = join(import.meta.dirname, "..", "..", "examples");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const NO_SYSTEMD = !hasSystemd && !toolsAreRequired();
if (NO_SYSTEMD) console.log("skipped: the unit by systemd: systemd-analyze is not installed (Debian's systemd has it)");

const unit = read("systemd/etcdlite.service");
const containerfile = read("container/Containerfile");

function read(path: string): string {
  return readFileSync(join(EXAMPLES, path), "utf8");
}

/** Of a unit's line, or of one that a backslash goes on from. */
function argumentsOf(line: string): string[] {
  return line
    .replaceAll("\\\n", " ")
    .split(/\s+/)
    .filter((word) => word.startsWith("-"));
}

/** The words of an instruction, which are JSON. */
function wordsOf(instruction: string): string[] {
  return JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, "m").exec(containerfile)?.[1] ?? "") as string[];
}

/** Where nothing is wrong, and every flag has an effect. */
function expectUnderstood(args: readonly string[]): void {
  expect(args.length).toBeGreaterThan(2);
  const commandLine = readCommandLine(args, {});
  if (commandLine.kind !== "run") throw new Error(commandLine.kind);
  expect(commandLine.warnings).toEqual([]);
  expect(settingsOf(commandLine.values, commandLine.address).notices).toEqual([]);
}

test("the unit's flags are known and have an effect, and it is told of what the service says", () => {
  expectUnderstood(argumentsOf(/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? ""));
  expect(unit).toMatch(/^Type=notify$/m);
  expect(unit).toMatch(/^NotifyAccess=all$/m);
  expect(unit).toContain(`--data-dir=\${STATE_DIRECTORY} `);
});

test("so are those of its README, for clients on other machines", () => {
  const readme = read("systemd/README.md");
  const line = /^ +ExecStart=\/usr(?:.*\\\n)*.*$/m.exec(readme)?.[0] ?? "";
  for (const [, file = ""] of line.matchAll(/CREDENTIALS_DIRECTORY\}\/(\S+)/g)) {
    expect(readme).toContain(`LoadCredential=${file}:`);
  }
  // With files that are there.
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expectUnderstood(argumentsOf(line.replaceAll(`\${CREDENTIALS_DIRECTORY}`, folder)));
});

test("variables in the examples are flags", () => {
  const known = new Set(flagNames().map(variableOf));
  const texts = [unit, containerfile, read("systemd/README.md"), read("container/README.md")].join("\n");
  const variables = texts.match(/\bETCD_[A-Z_]+\b/g) ?? [];
  expect(variables.length).toBeGreaterThan(1);
  expect(variables.filter((name) => !known.has(name))).toEqual([]);
  for (const [, flag = ""] of texts.matchAll(/ --([a-z-]+)=\S* for /g)) expect(findFlag(flag)).toBeDefined();
});

test.skipIf(NO_SYSTEMD)("systemd finds nothing wrong with the unit", () => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "etcdlite.service");
  const command = join(folder, "etcdlite");
  writeFileSync(command, "#!/bin/sh\n");
  chmodSync(command, 0o755);
  // It looks whether there is such a command.
  writeFileSync(file, unit.replace("/usr/local/bin/etcdlite", command));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  expect({ status, stdout, stderr: stderr.split("\n").filter((line) => line.includes("etcdlite")) }).toEqual({
    status: 0,
    stdout: "",
    stderr: [],
  });
});

test("the image's flags are known, and what it needs is there for a user who is not root", () => {
  expect(wordsOf("ENTRYPOINT")).toEqual(["etcdlite"]);
  const args = wordsOf("CMD");
  expectUnderstood(args);
  const dataDir = args.find((arg) => arg.startsWith("--data-dir="))?.split("=")[1];
  expect(containerfile).toMatch(new RegExp(`^VOLUME ${dataDir}$`, "m"));
  expect(containerfile).toMatch(new RegExp(`^RUN mkdir -m 0700 ${dataDir} && chown 1000:1000 ${dataDir}$`, "m"));
  expect(containerfile).toMatch(/^USER 1000:1000$/m);
  expect(args).toContain("--listen-client-urls=http://0.0.0.0:2379");
  expect(containerfile).toMatch(/^EXPOSE 2379$/m);
});

test("the image's health check tells a server that answers from one that does not", async () => {
  const [node, ...args] = wordsOf(" +CMD");
  expect(node).toBe("node");
  const check = async (port: string): Promise<number> => {
    const script = args.map((arg) => arg.replace(":2379/", `:${port}/`));
    return promisify(execFile)(process.execPath, script).then(
      () => 0,
      ({ code }: { readonly code: number }) => code,
    );
  };
  const server = await createServer({ closeGraceMs: 0 });
  const { port } = new URL(server.url);
  expect(await check(port)).toBe(0);
  await server.close();
  expect(await check(port)).toBe(1);
});
