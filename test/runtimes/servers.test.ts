/** Servers in Deno and Bun, the native ones and the Node server, as etcdctl and curl see them; needs both. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { endProcess, findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../support/etcd.ts";

const HOST = join(import.meta.dirname, "host.ts");
const SERVERS = [
  { name: "deno", command: ["deno", "run", "-A", HOST, "deno"], hasGrpc: false },
  { name: "deno-node", command: ["deno", "run", "-A", HOST, "node"], hasGrpc: true },
  { name: "bun", command: ["bun", HOST, "bun"], hasGrpc: false },
  { name: "bun-node", command: ["bun", HOST, "node"], hasGrpc: true },
];
const A_IS_B = '{"key":"YQ==","value":"Yg=="}';

const etcdctl = findEtcdctl();
if (etcdctl === undefined && toolsAreRequired()) throw new Error(MISSING_ETCD);
if (etcdctl === undefined) console.log(`tests with etcdctl are skipped: ${MISSING_ETCD}`);
const withEtcdctl = test.skipIf(etcdctl === undefined);

function isMissing(program: string): boolean {
  const isThere = spawnSync(program, ["--version"]).status === 0;
  const message = `no ${program} found: npm ci installs it`;
  if (!isThere && toolsAreRequired()) throw new Error(message);
  if (!isThere) console.log(`tests in ${program} are skipped: ${message}`);
  return !isThere;
}

/** What it prints, errors after the rest. */
async function ctl(url: string, ...args: string[]): Promise<string> {
  const flags = [`--endpoints=${url}`, "--command-timeout=5s", ...args];
  const run = promisify(execFile)(etcdctl as string, flags).catch((error: { stdout: string; stderr: string }) => error);
  const { stdout, stderr } = await run;
  return stdout + stderr;
}

async function post(url: string, body: string): Promise<Record<string, unknown>> {
  return (await fetch(url, { method: "POST", body })).json();
}

/** Its URL is the first line that it prints. */
async function startHost([program = "", ...args]: readonly string[], flag: string): Promise<[ChildProcess, string]> {
  const child = spawn(program, [...args, flag], { stdio: ["pipe", "pipe", "ignore"] });
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return [child, String(line.value)];
}

async function open(control: string, name: string): Promise<string> {
  return (await fetch(`${control}/s/${name}`, { method: "PUT", body: "{}" })).text();
}

describe.each(SERVERS)("$name", ({ command, hasGrpc }) => {
  const [program = ""] = command;
  describe.skipIf(isMissing(program))("a server", () => {
    let child: ChildProcess;
    let control: string;

    beforeAll(async () => {
      [child, control] = await startHost(command, "--data-dir");
    });
    afterAll(() => endProcess(child));

    withEtcdctl("answers etcdctl, or tells it why it does not", async () => {
      const url = await open(control, "etcdctl");
      if (hasGrpc) {
        expect(await ctl(url, "put", "a", "b")).toBe("OK\n");
        expect(await ctl(url, "get", "a")).toBe("a\nb\n");
        expect(await ctl(url, "lease", "grant", "60")).toMatch(/^lease \w+ granted with TTL\(60s\)\n$/);
        expect(await ctl(url, "member", "list")).toContain(url);
      } else if (program === "deno") {
        expect(await ctl(url, "get", "a")).toMatch(/code = Unimplemented desc = etcdlite: .* no trailers/);
      } else {
        // Bun's own server has no HTTP/2 in clear text, so that nothing can be said to a client of gRPC.
        expect(await ctl(url, "get", "a")).toMatch(/error|deadline/i);
      }
    });

    test("HT1: answers curl, keeps a stream open, and keeps what it was given when it is opened anew", async () => {
      const url = await open(control, "kept");
      expect(await post(`${url}/v3/kv/put`, A_IS_B)).toMatchObject({ header: { revision: "2" } });
      const watch = await fetch(`${url}/v3/watch`, {
        method: "POST",
        body: '{"create_request":{"key":"YQ==","start_revision":"2"}}',
      });
      let lines = "";
      const decoder = new TextDecoder();
      for await (const chunk of watch.body as ReadableStream<Uint8Array>) {
        lines += decoder.decode(chunk, { stream: true });
        if (lines.includes('"value":"Yg=="')) break;
      }
      const again = await open(control, "kept");
      expect(await post(`${again}/v3/kv/range`, '{"key":"YQ=="}')).toMatchObject({
        header: { revision: "2" },
        kvs: [{ key: "YQ==", value: "Yg==" }],
      });
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    });
  });
});

test.skipIf(isMissing("deno") || isMissing("bun"))("a data dir of one runtime opens in every other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-runtimes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const servers = [{ command: [process.execPath, HOST, "node"] }, ...SERVERS];
  for (const [at, { command }] of servers.entries()) {
    const [child, control] = await startHost(command, `--data-dir=${folder}`);
    try {
      const url = await open(control, "shared");
      expect(await post(`${url}/v3/kv/put`, A_IS_B)).toMatchObject({ header: { revision: String(at + 2) } });
      await fetch(`${control}/s/shared`, { method: "DELETE" });
    } finally {
      await endProcess(child);
    }
  }
});
