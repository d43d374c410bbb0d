/** A start that is told to stop before it is over, and one that cannot be. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../../src/platform/node/folder.ts";
import { createServer } from "../../../src/platform/node/index.ts";
import { run } from "./support/command.ts";

const KEYS = 20_000;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "etcdlite-start-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function filled(dataDir: string): Promise<void> {
  await using server = await createServer({ dataDir });
  const rest = { lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
  for (let i = 0; i < KEYS; i++) server.etcd.put({ key: `key ${i}`, value: new Uint8Array(64), ...rest });
}

async function liveKeys(dataDir: string): Promise<number> {
  await using server = await createServer({ dataDir });
  return server.etcd.store.liveKeys;
}

test("a start ends with the signal's reason while it loads, and leaves the data dir as it was", async () => {
  const dataDir = join(folder(), "data");
  await filled(dataDir);
  const stopping = new AbortController();
  const progress = { begin: () => ({ advance: () => stopping.abort(), end: () => {} }) };
  const socket = join(dataDir, "socket");
  const start = createServer({
    dataDir,
    progress,
    startSignal: stopping.signal,
    listenClientUrls: [`unix://${socket}`],
  });
  await expect(start).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(socket)).toBe(false);
  expect(await liveKeys(dataDir)).toBe(KEYS);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s during a start ends it with 0", async (signal) => {
  const dataDir = join(folder(), "data");
  await filled(dataDir);
  const socket = join(dataDir, "socket");
  const process = run(["--data-dir", dataDir, "--listen-client-urls", `unix://${socket}`]);
  // It listens before it loads.
  while (!(await connects(socket))) expect(process.child.exitCode).toBe(null);
  process.child.kill(signal);
  expect(await process.exit).toMatchObject({ code: 0 });
  expect(await liveKeys(dataDir)).toBe(KEYS);
});

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

test.skipIf(!existsSync("/proc/self"))(
  "a data dir that cannot be made is refused, also where Node would not end",
  async () => {
    const process = run(["--data-dir=/proc/x/y", "127.0.0.1:0"]);
    const { code, stderr } = await process.exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^etcdlite: .*\/proc\/x.*\n$/);
  },
);

test("a folder is made with those above it, or it is said why not", () => {
  const root = folder();
  makeFolder(join(root, "a", "b"));
  makeFolder(join(root, "a", "b"));
  expect(existsSync(join(root, "a", "b"))).toBe(true);
  writeFileSync(join(root, "file"), "");
  expect(() => makeFolder(join(root, "file"))).toThrow("EEXIST");
  expect(() => makeFolder(join(root, "file", "c"))).toThrow(/EEXIST|ENOTDIR/);
});
