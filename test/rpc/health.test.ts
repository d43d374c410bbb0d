import { expect, onTestFinished, test } from "vitest";
import type { HealthCheckResponse } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { expectError } from "./support/show.ts";
import { newTarget, type Target } from "./support/target.ts";

const SERVING = 1;
const SERVICE_UNKNOWN = 3;

test("HE1: the server as a whole is SERVING, and no service is known by its name", async () => {
  const { health } = await newTarget();
  expect((await health.check({})).status).toBe(SERVING);
  for (const service of ["etcdserverpb.KV", "grpc.health.v1.Health", "x"]) {
    await expectError(health.check({ service }), "NOT_FOUND", "unknown service");
  }
  const { statuses } = await health.list({});
  expect(Object.entries(statuses).map(([service, { status }]) => [service, status])).toEqual([["", SERVING]]);
});

test("HE1: alarms and a defragmentation that is over change nothing", async () => {
  const { health, maintenance } = await newTarget();
  await maintenance.alarm({ action: 1, alarm: 2 });
  await maintenance.defragment({});
  expect((await health.check({})).status).toBe(SERVING);
});

test("HE2: a watch tells the status at once, and stays open", async () => {
  const target = await newTarget();
  const abort = new AbortController();
  for (const [service, status] of [
    ["", SERVING],
    ["etcdserverpb.KV", SERVICE_UNKNOWN],
  ] as const) {
    const watch = watchHealth(target, service, abort.signal);
    expect((await watch.next()).value?.status).toBe(status);
    let isOver = false;
    const end = watch.next().then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await target.maintenance.defragment({});
    await target.health.check({});
    expect(isOver).toBe(false);
    onTestFinished(async () => void (await end));
  }
  abort.abort();
});

function watchHealth({ health }: Target, service: string, signal: AbortSignal): AsyncIterator<HealthCheckResponse> {
  return health.watch({ service }, { signal })[Symbol.asyncIterator]();
}
