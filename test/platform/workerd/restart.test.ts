/** Stores outlast the runtime: what another workerd finds in the folder of the first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { call, startRuntime, storeUrl } from "./support/runtime.ts";

test("LE1: a store is there again in another runtime, and a lease that ended in between ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-workerd-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await startRuntime(folder);
  const url = storeUrl(first, "kept");
  await call(url, "lease/grant", { ID: "5", TTL: "2" });
  await call(url, "kv/put", { key: btoa("short"), lease: "5" });
  await call(url, "lease/grant", { ID: "6", TTL: "600" });
  await call(url, "kv/put", { key: btoa("long"), lease: "6" });
  await call(url, "kv/put", { key: btoa("kept") });
  await first.close();

  const second = await startRuntime(folder);
  onTestFinished(() => second.close());
  const again = storeUrl(second, "kept");
  const before = await call(again, "kv/range", { key: btoa("short"), revision: "4" });
  expect(before).toMatchObject({ kvs: [{ key: btoa("short"), lease: "5" }] });
  const keys = async (): Promise<string[]> => {
    const { kvs } = await call(again, "kv/range", { key: btoa("\0"), range_end: btoa("\0") });
    return (kvs as Array<{ key: string }>).map(({ key }) => atob(key));
  };
  await expect.poll(keys, { timeout: 10_000 }).toEqual(["kept", "long"]);
  expect(await call(again, "lease/leases", {})).toMatchObject({ leases: [{ ID: "6" }] });
});
