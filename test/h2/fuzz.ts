/**
 * The engine beside node:http2, on the same bytes: `npm run fuzz:h2 -- --minutes 5 --seed 1`. Ends with
 * `executions=N differences=0`.
 *
 * Each execution is a connection (support/script.ts): requests that are well must get the same answers, whatever else
 * happens, and what is wrong must be refused by both or by neither. How it is refused, by a reset or by the end of the
 * connection, and with which code, is for each to choose. Of two engines one is always tired: it reads as little in a
 * turn as it may.
 */
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { realClock } from "../../src/platform/node/clock.ts";
import { Turns } from "../../src/platform/node/h2/turns.ts";
import { Random } from "../differential/random.ts";
import { type BareServer, type Handler, startEngine } from "./support/engine.ts";
import { randomScript, type Script } from "./support/script.ts";
import { type Outcome, talk } from "./support/talk.ts";

/**
 * RFC 9113, 8.2.1 wants these requests refused; nghttp2 leaves out the field, and takes the request. Nor does it look at
 * the padding of data on a stream that is closed.
 */
const STRICTER = new Set(["a NUL", "a line feed", "a space in a name", "too much padding"]);
/** Every turn is over as soon as it has begun. */
const TIRED = new Turns({ ...realClock, now: () => realClock.now() + 1000 });
const AT_ONCE = 8;
const MAX_SHOWN = 20;

/** Says what it has heard. */
const echo: Handler = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => void chunks.push(chunk));
  request.on("end", () => {
    const url = request.url ?? "";
    const status = Number(/^\/status\/(\d+)/.exec(url)?.[1] ?? 200);
    const size = Number(/^\/size\/(\d+)/.exec(url)?.[1] ?? 0);
    const body = Buffer.concat(chunks);
    const heard = { method: request.method, url, headers: Object.entries(request.headers).sort(), length: body.length };
    response.writeHead(status, { "x-sum": String(body.reduce((sum, byte) => sum + byte, 0)) });
    if (url === "/trailers") response.addTrailers({ "x-done": "yes" });
    if (status === 204 || request.method === "HEAD") response.end();
    else response.end(`${JSON.stringify(heard)}${"-".repeat(size)}`);
  });
  request.on("error", () => {});
  response.on("error", () => {});
};

async function startNode(): Promise<BareServer> {
  const server = http2.createServer({ settings: { initialWindowSize: 1024 * 1024 }, maxSettings: 64 });
  server.on("request", (request, response) => echo(request, response));
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** What is different, in words; undefined if nothing is. */
function difference(script: Script, ours: Outcome, theirs: Outcome): string | undefined {
  const { fault, good } = script;
  if (fault === undefined && (ours.hasEnded || theirs.hasEnded)) {
    return `a connection ended: ours ${ours.hasEnded}, theirs ${theirs.hasEnded}`;
  }
  if (fault !== undefined) {
    const refused = ({ hasEnded, refused: ids }: Outcome): boolean => hasEnded || ids.has(fault.id);
    if (STRICTER.has(fault.name)) return refused(ours) ? undefined : `${fault.name}: ours taken`;
    if (refused(ours) !== refused(theirs)) {
      return `${fault.name}: ours ${refused(ours) ? "refused" : "taken"}, theirs ${refused(theirs) ? "refused" : "taken"}`;
    }
  }
  for (const id of good) {
    const [mine, other] = [ours.answers.get(id), theirs.answers.get(id)];
    // The end of the connection may have come before it.
    if ((mine === undefined && ours.hasEnded) || (other === undefined && theirs.hasEnded)) continue;
    if (!isDeepStrictEqual(mine, other))
      return `stream ${id}: ours ${JSON.stringify(mine)}, theirs ${JSON.stringify(other)}`;
  }
  return undefined;
}

async function execute(seed: number, engines: readonly BareServer[], node: string): Promise<string | undefined> {
  const random = new Random(seed);
  const script = randomScript(random);
  const cuts = random.float() < 0.5 ? 1 : random.integer(2, 20);
  const { url: engine } = engines[random.integer(0, engines.length - 1)] as BareServer;
  const [ours, theirs] = await Promise.all([talk(engine, script, cuts), talk(node, script, cuts)]);
  const what = difference(script, ours, theirs);
  return what === undefined ? undefined : `seed ${seed}: ${what.slice(0, 1500)}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: "string" }, seed: { type: "string" }, once: { type: "boolean" } },
  });
  const first = Number(values.seed ?? Date.now() % 2 ** 31);
  const endMs = Date.now() + Number(values.minutes ?? 1) * 60_000;
  console.log(`seed=${first}`);
  const limits = { grpcKeepaliveMinTimeMs: -1 };
  const engines = [await startEngine(echo, limits), await startEngine(echo, limits, TIRED)];
  const node = await startNode();
  let [executions, differences] = [0, 0];
  const worker = async (): Promise<void> => {
    while (Date.now() < endMs && differences < MAX_SHOWN && !(values.once === true && executions > 0)) {
      const what = await execute(first + executions++, engines, node.url);
      if (what === undefined) continue;
      differences++;
      console.log(what);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`executions=${executions} differences=${differences}`);
  await Promise.all([...engines, node].map((server) => server.close()));
  return differences === 0 ? 0 : 1;
}

process.exitCode = await main();
