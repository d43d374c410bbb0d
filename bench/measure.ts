/** One row on one server: what it needs, the replies looked at, a load that warms, and the load that counts. */
import { cpuSeconds } from "./cpu.ts";
import { exchange } from "./exchange.ts";
import { type Counted, type Reply, type Row, type Target, WARM_SHARE } from "./row.ts";
import { revisionOf } from "./rows/client.ts";
import type { Started } from "./servers.ts";

export interface Measured {
  readonly perSecond: number;
  readonly cpuUs?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Makes what a row reads, and has the server of constant bytes say what the first server says. */
export async function prepare(row: Row, servers: readonly Started[], share: number): Promise<void> {
  for (const server of servers) if (server.limit === undefined) await row.prepare?.(server, share);
  const [example] = servers;
  const limit = servers.find((server) => server.limit !== undefined)?.limit;
  if (example !== undefined && limit !== undefined && row.calls !== undefined)
    await limit.tell(row.calls, await repliesOf(row, example));
}

/** @throws Error where any reply was not what it should have been */
export async function measure(row: Row, target: Started, share: number): Promise<Measured> {
  await (row.warmUp ?? row.load)(target, share * WARM_SHARE, await repliesOf(row, target));
  const replies = await repliesOf(row, target);
  const looksAtRevisions = row.revisions !== undefined && target.limit === undefined;
  const before = looksAtRevisions ? await revisionOf(target) : 0;
  const cpuBefore = cpuSeconds(target.pid);
  const counted = await row.load(target, share, replies);
  const cpuAfter = cpuSeconds(target.pid);
  if (looksAtRevisions) {
    const written = (await revisionOf(target)) - before;
    const expected = Math.round(counted.count * (row.revisions ?? 0));
    if (written !== expected) throw new Error(`${written} revisions where there should be ${expected}`);
  }
  await repliesOf(row, target);
  return measured(counted, row.unit === "calls" ? undefined : (counted.cpuSeconds ?? lessOf(cpuAfter, cpuBefore)));
}

function measured({ count, seconds, p50Ms, p99Ms }: Counted, cpu: number | undefined): Measured {
  return {
    perSecond: count / seconds,
    ...(cpu !== undefined && { cpuUs: (cpu / count) * 1e6 }),
    ...(p50Ms !== undefined && p50Ms > 0 && { p50Ms }),
    ...(p99Ms !== undefined && p99Ms > 0 && { p99Ms }),
  };
}

function lessOf(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

async function repliesOf(row: Row, target: Target): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const call of row.calls ?? []) {
    const reply = await exchange(target, call);
    call.check(reply);
    replies.push(reply);
  }
  return replies;
}
