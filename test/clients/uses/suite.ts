/**
 * What people put an etcd there for, each as one scenario: a store by etcdctl, a service registry, a lock,
 * leader election, a health check, configuration that is watched. They run beside each other, as they wait for
 * real time.
 */
import type { Suite } from "../harness/suite.ts";
import { configuration } from "./configuration.ts";
import { election } from "./election.ts";
import { etcdctlStore } from "./etcdctl.ts";
import { healthCheck } from "./health.ts";
import { lock } from "./lock.ts";
import { registry } from "./registry.ts";
import type { Use } from "./use.ts";

const uses: readonly Use[] = [etcdctlStore, registry, lock, election, healthCheck, configuration];

export const suite: Suite = {
  name: "uses",
  run: async (context) => {
    await Promise.all(uses.map((use) => context.cases.test(use.name, () => use.run(context))));
  },
};
