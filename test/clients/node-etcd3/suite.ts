import type { Suite } from "../harness/suite.ts";

export const suite: Suite = { name: "node-etcd3", run: async () => {} };
