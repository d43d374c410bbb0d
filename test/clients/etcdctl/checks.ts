/**
 * `etcdctl check perf`: by itself it loads the server for 60 s; an interrupt makes it stop, clean up and
 * judge what it has measured, so it is interrupted after a few seconds. Only its errors, its cleaning up and
 * its throughput are judged: the latencies say more about the machine than about the server.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { run, Session } from "../harness/exec.ts";
import type { Recorder } from "../harness/report.ts";
import type { SuiteContext } from "../harness/suite.ts";
import type { Etcdctl } from "../harness/tools.ts";

const LOAD_MS = 5_000;
const WRITES_PER_SECOND = 150;

export async function checkPerf(context: SuiteContext, cases: Recorder, etcdctl: Etcdctl): Promise<void> {
  await cases.test("check perf --load=s, interrupted", async () => {
    const prefix = `/check-perf-${etcdctl.version}/`;
    const endpoint = ["--endpoints", context.url];
    const session = new Session(etcdctl.binary, [...endpoint, "check", "perf", "--load=s", "--prefix", prefix]);
    // The load is what this waits for: time, not an event.
    await sleep(LOAD_MS);
    session.signal("SIGINT");
    const { stdout } = await session.exited();
    const printed = stdout.toString();
    if (/too many errors|ERROR|Cleanup failed/.test(printed)) throw new Error(printed);
    const throughput = Number(/Throughput is (\d+) writes\/s/.exec(printed)?.[1]);
    if (!(throughput >= WRITES_PER_SECOND * 0.9)) throw new Error(`throughput too low\n${printed}`);
    const left = await run(etcdctl.binary, [...endpoint, "get", prefix, "--prefix", "--keys-only"]);
    if (left.stdout.length > 0) throw new Error(`left behind:\n${left.stdout}`);
  });
}
