/** What simulation has shown, each as a test of its own. */
import { expect, test } from "vitest";
import { putAll } from "../rpc/support/ops.ts";
import { bytes } from "../rpc/support/show.ts";
import { newTarget } from "../rpc/support/target.ts";

test("MA4: the hash that a compaction leaves behind may be another than the one told before (seeds 1695, 3360)", async () => {
  const target = await newTarget();
  const { kv, maintenance } = target;
  await putAll(target, "a=a");
  await kv.compact({ revision: 2n, physical: true });
  await kv.deleteRange({ key: bytes("a") });
  const before = await maintenance.hashKV({ revision: 3n });
  await kv.compact({ revision: 3n, physical: true });
  const after = await maintenance.hashKV({ revision: 3n });
  // etcd's own numbers: a hash of a store in which nothing is alive leaves nothing out, a compaction's does.
  expect([before.hash, before.hashRevision, before.compactRevision]).toEqual([1_089_006_714, 3n, 2n]);
  expect([after.hash, after.hashRevision, after.compactRevision]).toEqual([3_681_333_679, 3n, 2n]);
});
