/** Load from h2load, in another process, and proof that what was counted were real replies. */
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { KV } from "../src/gen/etcdserverpb/kv_pb.ts";
import { KEY, PUT, type Row, VALUE } from "./rows.ts";

export const MISSING_H2LOAD =
  "h2load is not installed: it comes with nghttp2 (on Debian: apt-get install nghttp2-client)";

export function hasH2load(): boolean {
  return spawnSync("h2load", ["--version"]).status === 0;
}

/** The same for every row, and enough for a compiler that learns from what runs. */
const WARM_UP = { connections: 8, streams: 32, requests: 40_000 };

/**
 * Requests a second for one row.
 * @throws Error where a request failed, or where the store does not hold what the replies claimed
 */
export async function measure(url: string, row: Row, requests: number, directory: string): Promise<number> {
  const client = createClient(KV, createGrpcTransport({ baseUrl: url }));
  await client.put({ key: KEY, value: VALUE });
  if (row.revisions > 1) {
    const puts = { ...row, ...WARM_UP, path: "/etcdserverpb.KV/Put", body: PUT } as const;
    await run(url, puts, row.revisions - 1, directory);
  }
  await run(url, { ...row, ...WARM_UP }, WARM_UP.requests, directory);
  const before = (await client.range({ key: KEY })).header?.revision ?? 0n;
  const perSecond = await run(url, row, requests, directory);
  const after = await client.range({ key: KEY });
  if (after.kvs.length !== 1 || after.kvs[0]?.value.length !== VALUE.length)
    throw new Error(`${row.name}: wrong reply`);
  const written = Number((after.header?.revision ?? 0n) - before);
  const expected = row.path.endsWith("/Put") ? requests : 0;
  if (written !== expected)
    throw new Error(`${row.name}: ${written} revisions written where ${expected} were asked for`);
  return perSecond;
}

async function run(url: string, row: Row, requests: number, directory: string): Promise<number> {
  const body = join(directory, "body.bin");
  writeFileSync(body, row.body);
  const args = ["-n", String(requests), "-c", String(row.connections), "-m", String(row.streams), "-t", "1"];
  args.push("-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers", `${url}${row.path}`);
  const output = await outputOf("h2load", args);
  const rate = /finished in [^,]+, ([\d.]+) req\/s/.exec(output)?.[1];
  const succeeded = /requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(output);
  if (rate === undefined || succeeded?.[1] !== String(requests)) throw new Error(`${row.name}: ${output}`);
  return Number(rate);
}

function outputOf(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("exit", () => resolve(output));
  });
}
