/**
 * `npm run bench:runtimes`: what a runtime costs, each by its own server and Connect over HTTP/1.1:
 *
 *     start      from the start of the process to the answer to a first Put, ms
 *     store      from the wish for one more store in a process that runs to the answer to its first Put, ms
 *     Put, Range requests/s of 8 connections, 16-byte keys, 256-byte values; rounds of the runtimes take turns
 *     bundle     of examples/workerd, gzip, kB
 *
 *     npm run bench:runtimes -- --seconds 1 --rounds 1
 *     npm run bench:runtimes -- --write-readme             the table into bench/README.md; about a minute and a half
 *
 * Everything is in memory, but for workerd, whose objects are always kept. Its start has its bundle made first, as no
 * deployed Worker's has, so that only `store` can be compared.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import http from "node:http";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema, RangeRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { bundle } from "../../test/support/bundle.ts";
import { endProcess } from "../../test/support/etcd.ts";
import { writeSection } from "../report.ts";
import { median } from "../stats.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const HOST = "test/runtimes/host.ts";
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath, HOST, "node"],
  deno: ["deno", "run", "-A", HOST, "deno"],
  bun: ["bun", HOST, "bun"],
  workerd: [process.execPath, "test/platform/workerd/host.ts"],
};
const CONNECTIONS = 8;
const EXPLANATION = `\`npm run bench:runtimes -- --write-readme\`: what a runtime costs, each by its own server and Connect over HTTP/1.1. \`start\` is
from the start of the process to the answer to a first Put, \`store\` what one more store in a running process takes to answer
its first; then requests in a second of ${CONNECTIONS} connections with values of 256 bytes. All is in memory, but for workerd, whose objects
are always kept; its start has its bundle made first, as no deployed Worker's has.`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    "write-readme": { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
/** Of others, when it began: there is nothing of its own yet. */
const [load = 0] = loadavg();

const key = new TextEncoder().encode("key-of-16-bytes!");
const PUT = toBinary(PutRequestSchema, create(PutRequestSchema, { key, value: new Uint8Array(256).fill(120) }));
const RANGE = toBinary(RangeRequestSchema, create(RangeRequestSchema, { key }));

interface Bench {
  readonly name: string;
  readonly child: ChildProcess;
  readonly agent: http.Agent;
  readonly url: string;
  readonly startMs: number;
  readonly storeMs: number;
  readonly puts: number[];
  readonly ranges: number[];
}

function call(agent: http.Agent, url: string, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/proto", "content-length": body.length };
    const request = http.request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function newStore(control: string, name: string): Promise<string> {
  return (await fetch(`${control}/s/${name}`, { method: "PUT", body: "{}" })).text();
}

async function start(name: string, [program = "", ...args]: readonly string[]): Promise<Bench> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const beginMs = performance.now();
  const child = spawn(program, args, { cwd: ROOT, stdio: ["pipe", "pipe", "ignore"] });
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const control = String(line.value);
  await call(agent, `${await newStore(control, "first")}/etcdserverpb.KV/Put`, PUT);
  const startedMs = performance.now();
  const url = await newStore(control, "second");
  await call(agent, `${url}/etcdserverpb.KV/Put`, PUT);
  const storeMs = performance.now() - startedMs;
  return { name, child, agent, url, startMs: startedMs - beginMs, storeMs, puts: [], ranges: [] };
}

async function rate({ agent, url }: Bench, method: string, body: Uint8Array): Promise<number> {
  const beginMs = performance.now();
  const endMs = beginMs + seconds * 1000;
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await call(agent, `${url}/etcdserverpb.KV/${method}`, body);
      count++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return (count * 1000) / (performance.now() - beginMs);
}

function tableOf(benches: readonly Bench[]): string {
  const rows = benches.map(({ name, startMs, storeMs, puts, ranges }) => {
    const cells = [name === "workerd" ? undefined : startMs, storeMs, median(puts), median(ranges)];
    return `| ${name} | ${cells.map((cell) => (cell === undefined ? "–" : Math.round(cell))).join(" | ")} |`;
  });
  return ["| runtime | start, ms | store, ms | Put/s | Range/s |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** When, and on what. */
function about(): string {
  const cores = availableParallelism();
  const others = load > cores / 2 ? `, busy with other work (a load of ${load.toFixed(1)}): compare rows only` : "";
  const how = `${rounds} round${rounds === 1 ? "" : "s"} of ${seconds} s`;
  return `${new Date().toISOString().slice(0, 10)}, ${how}, ${cores} cores with the load on them too${others}:`;
}

async function measure(): Promise<Bench[]> {
  const benches: Bench[] = [];
  try {
    for (const [name, command] of Object.entries(RUNTIMES)) {
      if (spawnSync(command[0] as string, ["--version"]).status === 0) benches.push(await start(name, command));
      else console.log(`${name}: skipped, no ${command[0]} found: npm ci installs it`);
    }
    for (let round = 0; round < rounds; round++) {
      for (const bench of benches) {
        bench.puts.push(await rate(bench, "Put", PUT));
        bench.ranges.push(await rate(bench, "Range", RANGE));
      }
    }
    return benches;
  } finally {
    for (const { child, agent } of benches) {
      agent.destroy();
      await endProcess(child);
    }
  }
}

const table = tableOf(await measure());
const code = await bundle(join(ROOT, "examples", "workerd", "src", "index.ts"));
const size = `The bundle of examples/workerd is ${(gzipSync(code, { level: 9 }).length / 1000).toFixed(1)} kB, gzip.`;
console.log(`${table}\n\n${size}`);
if (values["write-readme"]) writeSection("Runtimes", `${EXPLANATION}\n\n${about()}\n\n${table}\n\n${size}`);
