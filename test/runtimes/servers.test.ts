/**
 * Servers in Deno and Bun, the native ones and the Node server with either HTTP/2, as etcdctl and curl see them, with
 * TLS and without; needs both.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { certificateFiles, makeCa } from "../platform/node/support/certificates.ts";
import { endProcess, findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../support/etcd.ts";
import { HOST, isMissing, open, PATIENCE_MS, post, SERVERS, startHost, useHost } from "./hosts.ts";

const A_IS_B = '{"key":"YQ==","value":"Yg=="}';

const etcdctl = findEtcdctl();
if (etcdctl === undefined && toolsAreRequired()) throw new Error(MISSING_ETCD);
if (etcdctl === undefined) console.log(`tests with etcdctl are skipped: ${MISSING_ETCD}`);
const withEtcdctl = test.skipIf(etcdctl === undefined);

/** What it prints, errors after the rest. */
async function ctl(url: string, ...args: string[]): Promise<string> {
  const flags = [`--endpoints=${url}`, "--command-timeout=30s", ...args];
  const run = promisify(execFile)(etcdctl as string, flags).catch((error: { stdout: string; stderr: string }) => error);
  const { stdout, stderr } = await run;
  return stdout + stderr;
}

/** What etcdctl does with a server that speaks native gRPC. */
async function useEtcdctl(url: string, ...flags: string[]): Promise<void> {
  expect(await ctl(url, ...flags, "put", "a", "b")).toBe("OK\n");
  expect(await ctl(url, ...flags, "get", "a")).toBe("a\nb\n");
  expect(await ctl(url, ...flags, "lease", "grant", "60")).toMatch(/^lease \w+ granted with TTL\(60s\)\n$/);
  expect(await ctl(url, ...flags, "member", "list")).toContain(url);
}

const ca = await makeCa();
const { cert, key } = await ca.issue({ hosts: ["localhost", "127.0.0.1"] });
const certificates = certificateFiles({ "ca.pem": ca.cert, "server.pem": cert, "server-key.pem": key });
afterAll(() => certificates.remove());

describe.each(SERVERS)("$name", ({ command, h2s }) => {
  const [program = ""] = command;

  describe.skipIf(isMissing(program))("a server", () => {
    const host = useHost(command, "--data-dir");

    for (const h2 of h2s) {
      withEtcdctl(`answers etcdctl, --h2 ${h2}`, { timeout: PATIENCE_MS }, async () => {
        await useEtcdctl(await open(host(), `etcdctl-${h2}`, h2));
      });
    }

    if (h2s.length === 0) {
      withEtcdctl("tells etcdctl why it does not answer", { timeout: PATIENCE_MS }, async () => {
        const told = await ctl(await open(host(), "etcdctl"), "--command-timeout=3s", "get", "a");
        // Bun's own server has no HTTP/2 in clear text, so that nothing can be said to a client of gRPC.
        expect(told).toMatch(program === "deno" ? /code = Unimplemented desc = etcdlite: .* no trailers/ : /deadline/);
      });
    }

    test("HT1: answers curl, keeps a stream open, and keeps what it was given when it is opened anew", async () => {
      const url = await open(host(), "kept");
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
      const again = await open(host(), "kept");
      expect(await post(`${again}/v3/kv/range`, '{"key":"YQ=="}')).toMatchObject({
        header: { revision: "2" },
        kvs: [{ key: "YQ==", value: "Yg==" }],
      });
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    });
  });

  describe.skipIf(isMissing(program))("a server with TLS", () => {
    const host = useHost(command, `--tls=${certificates.path("")}`);

    test("TL1: answers from the first connection on", async () => {
      const url = await open(host(), "curl");
      expect(url).toMatch(/^https:/);
      for (let count = 0; count < 3; count++) {
        expect(await getByTls(`${url}/health`)).toEqual({ status: 200, body: '{"health":"true","reason":""}' });
      }
    });

    for (const h2 of h2s) {
      withEtcdctl(`TL1: answers etcdctl, --h2 ${h2}`, { timeout: PATIENCE_MS }, async () => {
        await useEtcdctl(await open(host(), `etcdctl-${h2}`, h2), `--cacert=${certificates.path("ca.pem")}`);
      });
    }
  });
});

/** On a connection of its own. */
function getByTls(url: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca: ca.cert, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    request.on("error", reject);
  });
}

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
