/**
 * HTTP/2 in cleartext without gRPC, by clients that are sure of it: curl --http2-prior-knowledge and nghttp, which share
 * no more with one another than nghttp2. etcd itself serves nothing but gRPC there.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../harness/exec.ts";
import { NotApplicable, Skipped, type Suite, type SuiteContext } from "../harness/suite.ts";
import { findCurl, findNghttp, MISSING_CURL, MISSING_NGHTTP } from "../harness/tools.ts";

const LARGE_BYTES = 1_000_000;

export const suite: Suite = {
  name: "http2",
  run: async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "etcdlite-http2-"));
    try {
      await curlCases(context, folder);
      await nghttpCases(context, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64");
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status}\n${stdout}\n${stderr}`);
  return stdout.toString();
}

function demand(condition: boolean, got: string): void {
  if (!condition) throw new Error(`got ${got.slice(0, 500)}`);
}

async function curlCases({ cases, url, prefix, subject }: SuiteContext, folder: string): Promise<void> {
  const curl = async (...args: readonly string[]): Promise<string> => {
    if (subject === "etcd") throw new NotApplicable("etcd serves only gRPC over cleartext HTTP/2");
    const binary = findCurl();
    if (binary === undefined) throw new Skipped(MISSING_CURL);
    return await output(binary, ["-sS", "--http2-prior-knowledge", "-w", "\n%{http_version} %{http_code}", ...args]);
  };
  const key = base64(`${prefix}http2/key`);

  await cases.test("curl: a put of 1 MB, and its range", async () => {
    const value = base64(randomBytes(LARGE_BYTES));
    const body = join(folder, "put.json");
    writeFileSync(body, JSON.stringify({ key, value }));
    const put = await curl("--data-binary", `@${body}`, `${url}/v3/kv/put`);
    demand(put.includes('"revision"') && put.endsWith("\n2 200"), put);
    const range = await curl("-d", JSON.stringify({ key }), `${url}/v3/kv/range`);
    demand(range.includes(value), range);
  });
  await cases.test("curl: HEAD, a path that is not there, and a body that is waited for", async () => {
    const head = await curl("-I", `${url}/version`);
    demand(head.startsWith("HTTP/2 405"), head);
    const none = await curl(`${url}/none`);
    demand(none.endsWith("\n2 404"), none);
    const waited = await curl("-H", "Expect: 100-continue", "-d", JSON.stringify({ key }), `${url}/v3/kv/range`);
    demand(waited.endsWith("\n2 200"), waited);
  });
}

async function nghttpCases({ cases, url, prefix, subject }: SuiteContext, folder: string): Promise<void> {
  const nghttp = async (...args: readonly string[]): Promise<string> => {
    if (subject === "etcd") throw new NotApplicable("etcd serves only gRPC over cleartext HTTP/2");
    const binary = findNghttp();
    if (binary === undefined) throw new Skipped(MISSING_NGHTTP);
    return await output(binary, ["-v", "-n", ...args]);
  };
  const statuses = (text: string): number => text.split(":status: 200").length - 1;

  await cases.test("nghttp: requests at once, with padding and a window of 1 KiB", async () => {
    const body = join(folder, "range.json");
    writeFileSync(body, JSON.stringify({ key: base64(prefix) }));
    const got = await nghttp("-m", "50", "-b", "100", "-w", "10", "-d", body, `${url}/v3/kv/range`);
    demand(statuses(got) === 50 && !got.includes("RST_STREAM"), got);
  });
  await cases.test("nghttp: requests without a dynamic table", async () => {
    const got = await nghttp("-m", "20", "--header-table-size=0", "--encoder-header-table-size=0", `${url}/version`);
    demand(statuses(got) === 20, got);
  });
  await cases.test("nghttp: trailers behind a body, and headers in CONTINUATION frames", async () => {
    const body = join(folder, "range.json");
    const got = await nghttp("--trailer", "x-sum: 1", "--continuation", "-d", body, `${url}/v3/kv/range`);
    demand(statuses(got) === 1, got);
  });
}
