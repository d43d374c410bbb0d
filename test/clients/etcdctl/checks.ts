/**
 * `etcdctl check perf` loads the server for 60 s by itself, so it is interrupted after a few seconds: 3.7 then
 * cleans up and judges what it has measured; 3.4 just ends, and the keys it wrote are counted here. Only
 * errors, throughput and cleaning up are judged: the latencies say more about the machine than about the server.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { run, Session } from "../harness/exec.ts";
import type { Recorder } from "../harness/report.ts";
import type { SuiteContext } from "../harness/suite.ts";
import type { Etcdctl } from "../harness/tools.ts";

const LOAD_MS = 5_000;
/** The load is 150 writes a second; a machine that is busy with other tests must do half of it. */
const LEAST_WRITES_PER_SECOND = 75;
/** Of the time until the signal some goes by before the first write. */
const STARTING_MS = 1_000;

export async function checkPerf(context: SuiteContext, cases: Recorder, etcdctl: Etcdctl): Promise<void> {
  await cases.test("check perf --load=s, interrupted", async () => {
    const prefix = `/check-perf-${etcdctl.version}/`;
    const endpoint = ["--endpoints", context.url];
    const session = new Session(etcdctl.binary, [...endpoint, "check", "perf", "--load=s", "--prefix", prefix]);
    // The load is what this waits for: time, not an event.
    await sleep(LOAD_MS);
    session.signal("SIGINT");
    const printed = (await session.exited()).stdout.toString();
    if (/too many errors|ERROR|Cleanup failed/.test(printed)) throw new Error(printed);
    const keys = ["get", prefix, "--prefix", "--keys-only", "-w", "fields"];
    const listed = (await run(etcdctl.binary, [...endpoint, ...keys])).stdout.toString();
    const left = Number(/"Count" : (\d+)/.exec(listed)?.[1]);
    if (etcdctl.version === "3.4") {
      await run(etcdctl.binary, [...endpoint, "del", prefix, "--prefix"]);
      atLeast((left * 1000) / (LOAD_MS - STARTING_MS), `${left} keys written`);
      return;
    }
    atLeast(Number(/Throughput (?:is|too low:) (\d+) writes\/s/.exec(printed)?.[1]), printed);
    if (left !== 0) throw new Error(`${left} keys left behind`);
  });
}

function atLeast(writesPerSecond: number, detail: string): void {
  if (writesPerSecond >= LEAST_WRITES_PER_SECOND) return;
  throw new Error(`${writesPerSecond} writes/s are fewer than ${LEAST_WRITES_PER_SECOND}\n${detail}`);
}
