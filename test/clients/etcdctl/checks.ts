/**
 * `etcdctl check`, whose output is its measurements: only what it makes of them is judged.
 *
 * `check perf` writes 150 keys a second for 60 s beside the other suites. A request that took too long then says
 * more about the machine than about the server, so it may measure once more when everything else is done.
 * 3.4's is interrupted after a few seconds, and the keys it wrote are counted here. `check datascale` writes
 * 10,000 keys and asks /metrics for the memory before and after.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { run, Session } from "../harness/exec.ts";
import type { Recorder } from "../harness/report.ts";
import type { SuiteContext } from "../harness/suite.ts";
import type { Etcdctl } from "../harness/tools.ts";

const PERF_TIMEOUT_MS = 120_000;
const DATASCALE_TIMEOUT_MS = 60_000;
const INTERRUPT_AFTER_MS = 5_000;
/** The load is 150 writes a second; a machine that is busy with other tests must do half of it. */
const LEAST_WRITES_PER_SECOND = 75;
/** Of the time until the signal some goes by before the first write. */
const STARTING_MS = 1_000;

export async function checks(context: SuiteContext, cases: Recorder, etcdctl: Etcdctl): Promise<void> {
  if (etcdctl.version === "3.4") {
    await cases.test("check perf --load=s, interrupted", () => interrupted(context.url, etcdctl));
    return;
  }
  await cases.test("check datascale --load=s", () => datascale(context.url, etcdctl), DATASCALE_TIMEOUT_MS);
  if (!cases.runs(PERF)) return;
  const printed = await perf(context.url, etcdctl);
  if (passed(printed)) cases.pass(PERF);
  else if (!isSlowness(printed)) cases.fail(PERF, printed);
  else context.afterwards(() => cases.test(PERF, () => perfAlone(context.url, etcdctl), PERF_TIMEOUT_MS));
}

const PERF = "check perf --load=s";

async function perf(url: string, etcdctl: Etcdctl): Promise<string> {
  const args = ["check", "perf", "--load=s", "--auto-compact", "--auto-defrag"];
  const result = await run(etcdctl.binary, ["--endpoints", url, ...args], { timeoutMs: PERF_TIMEOUT_MS });
  return result.stdout.toString() + result.stderr;
}

async function perfAlone(url: string, etcdctl: Etcdctl): Promise<void> {
  const printed = await perf(url, etcdctl);
  if (!passed(printed)) throw new Error(`once more, alone:\n${printed}`);
}

function passed(printed: string): boolean {
  return /^PASS$/m.test(printed);
}

/** True when nothing went wrong but the time it took. */
function isSlowness(printed: string): boolean {
  return /too low|took too long|Stddev too high/.test(printed) && !/too many errors|ERROR|Cleanup failed/.test(printed);
}

async function datascale(url: string, etcdctl: Etcdctl): Promise<void> {
  const args = ["check", "datascale", "--load=s", "--auto-compact"];
  const { stdout, stderr, status } = await run(etcdctl.binary, ["--endpoints", url, ...args], {
    timeoutMs: DATASCALE_TIMEOUT_MS,
  });
  const printed = stdout.toString() + stderr;
  if (status !== 0 || !/^PASS: Approximate system memory used : /m.test(printed)) throw new Error(printed);
}

async function interrupted(url: string, etcdctl: Etcdctl): Promise<void> {
  const prefix = "/check-perf-3.4/";
  const endpoint = ["--endpoints", url];
  const session = new Session(etcdctl.binary, [...endpoint, "check", "perf", "--load=s", "--prefix", prefix]);
  // The load is what this waits for: time, not an event.
  await sleep(INTERRUPT_AFTER_MS);
  session.signal("SIGINT");
  const printed = (await session.exited()).stdout.toString();
  if (/too many errors|ERROR/.test(printed)) throw new Error(printed);
  const keys = ["get", prefix, "--prefix", "--keys-only", "-w", "fields"];
  const listed = (await run(etcdctl.binary, [...endpoint, ...keys])).stdout.toString();
  const written = Number(/"Count" : (\d+)/.exec(listed)?.[1]);
  await run(etcdctl.binary, [...endpoint, "del", prefix, "--prefix"]);
  const writesPerSecond = (written * 1000) / (INTERRUPT_AFTER_MS - STARTING_MS);
  if (writesPerSecond < LEAST_WRITES_PER_SECOND)
    throw new Error(`${writesPerSecond} writes/s: ${written} keys written`);
}
