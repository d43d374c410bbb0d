/** One request again and again by h2load, and proof that what was counted were replies of the right size. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call, Counted, Reply, Target } from "../row.ts";
import { percentile } from "../stats.ts";
import { outputOf } from "./command.ts";

/** HTTP connections, and requests under way at once on each. */
export interface Shape {
  readonly connections: number;
  readonly streams: number;
}

/** Revisions and IDs take some bytes more or less from reply to reply; a server that is new begins at one digit. */
const VARYING_BYTES = 6;

/** @param reply to the same call, taken before: what all replies must be like */
export async function h2load(target: Target, call: Call, reply: Reply, shape: Shape, count: number): Promise<Counted> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-h2load-"));
  try {
    const [body, log] = [join(folder, "body"), join(folder, "log")];
    writeFileSync(body, call.body);
    const args = ["-n", count, "-c", Math.min(shape.connections, count), "-m", shape.streams, "-t", 1].map(String);
    args.push("-d", body, `--log-file=${log}`);
    for (const [name, value] of Object.entries(call.headers)) args.push("-H", `${name}: ${value}`);
    args.push(...(call.http === 1 ? ["--h1", `${target.http1Url}${call.path}`] : [`${target.url}${call.path}`]));
    const output = await outputOf("h2load", args);
    const { seconds } = checked(output, count, reply);
    const times = timesOf(log);
    if (times.length !== count) throw new Error(`${times.length} of ${count} replies`);
    return { count, seconds, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checked(output: string, count: number, reply: Reply): { seconds: number } {
  const perSecond = /finished in [^,]+, ([\d.]+) req\/s/.exec(output)?.[1];
  const succeeded = /requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(output)?.[1];
  const good = /status codes: (\d+) 2xx/.exec(output)?.[1];
  const bytes = /\((\d+)\) data$/m.exec(output)?.[1];
  if (perSecond === undefined || succeeded !== String(count) || good !== succeeded) throw new Error(output);
  // An error of gRPC is HTTP 200 too, but has no message.
  const difference = Number(bytes) / count - reply.body.length;
  if (!(Math.abs(difference) <= VARYING_BYTES))
    throw new Error(`${bytes} bytes in ${count} replies, where one has ${reply.body.length}\n${output}`);
  return { seconds: count / Number(perSecond) };
}

/** Sorted milliseconds, out of lines of start, status and microseconds. */
function timesOf(log: string): Float64Array {
  const lines = readFileSync(log, "latin1").trimEnd().split("\n");
  return Float64Array.from(lines, (line) => Number(line.slice(line.lastIndexOf("\t") + 1)) / 1000).sort();
}
