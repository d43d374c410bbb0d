/** One request again and again over HTTP/1.1 by wrk, which goes by time and not by number. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call, Counted, Reply, Target } from "../row.ts";
import { outputOf } from "./command.ts";

/** Revisions take some bytes more or less from reply to reply; those of a server that is new begin at one digit. */
const VARYING_BYTES = 6;

export async function wrk(target: Target, call: Call, reply: Reply, connections: number, seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-wrk-"));
  try {
    const script = join(folder, "request.lua");
    writeFileSync(script, scriptOf(call));
    const args = ["-t", "1", "-c", String(connections), "-d", `${seconds}s`, "-s", script];
    const output = await outputOf("wrk", [...args, `${target.http1Url}${call.path}`]);
    return checked(output, reply);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checked(output: string, reply: Reply): Counted {
  const line = /^etcdlite (.*)$/m.exec(output)?.[1];
  const [count = 0, bytes = 0, durationUs = 0, errors, p50Us = 0, p99Us = 0] = (line ?? "").split(" ").map(Number);
  if (line === undefined || errors !== 0 || count === 0) throw new Error(output);
  const difference = bytes / count - reply.wireBytes;
  if (!(Math.abs(difference) <= VARYING_BYTES))
    throw new Error(`${bytes} bytes in ${count} replies, where one has ${reply.wireBytes}\n${output}`);
  return { count, seconds: durationUs / 1e6, p50Ms: p50Us / 1000, p99Ms: p99Us / 1000 };
}

function scriptOf({ headers, body }: Call): string {
  const escaped = [...body].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("");
  return `
wrk.method = "POST"
wrk.body = "${escaped}"
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers["${name}"] = "${value}"`)
  .join("\n")}
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("etcdlite %d %d %d %d %d %d\\n", summary.requests, summary.bytes, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}
