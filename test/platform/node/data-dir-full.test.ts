/** A disk that is full: a server whose process may write no file longer than some. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { createServer } from "../../../src/platform/node/index.ts";
import { bytes } from "../../rpc/support/show.ts";

const MAIN = join(import.meta.dirname, "..", "..", "..", "src", "platform", "node", "main.ts");
const VALUE = new Uint8Array(100_000);

/** `blocks` of 512 or 1,024 bytes, by the shell that there is. */
async function startLimited(dataDir: string, blocks: number) {
  const script = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", script, process.execPath, MAIN, "--data-dir", dataDir, "127.0.0.1:0"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  for (;;) {
    stdout += (await once(child.stdout, "data"))[0];
    const url = /listening on (\S+) \(/.exec(stdout)?.[1];
    if (url !== undefined) return { child, url, stderr: () => stderr };
  }
}

test("HT5: on a full disk nothing more is acknowledged; the log says so once, and health and probes do", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "etcdlite-full-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const { child, url, stderr } = await startLimited(dataDir, 4_000);
  const kv = createClient(KV, createGrpcTransport({ baseUrl: url }));
  let kept = 0;
  const fill = async (): Promise<never> => {
    for (;;) {
      await kv.put({ key: bytes(`k${kept}`), value: VALUE });
      kept++;
    }
  };
  await expect(fill()).rejects.toThrow(/etcdlite: the storage failed, so nothing is kept: /);
  expect(kept).toBeGreaterThan(5);
  await expect(kv.range({ key: bytes("k0") })).rejects.toThrow("the storage failed");
  for (const path of ["/health", "/livez", "/readyz"]) {
    const response = await fetch(new URL(path, url));
    expect([path, response.status, (await response.text()).includes("the storage failed")]).toEqual([path, 503, true]);
  }
  const errors = stderr()
    .split("\n")
    .filter((line) => line.includes(" ERROR "));
  expect(errors).toEqual([
    expect.stringContaining("the data dir failed: nothing more is accepted until the next start"),
  ]);
  child.kill("SIGTERM");
  await once(child, "exit");
  const again = await createServer({ dataDir });
  onTestFinished(() => again.close());
  expect(again.etcd.store.liveKeys).toBe(kept);
});
