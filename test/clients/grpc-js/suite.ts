import type { Suite } from "../harness/suite.ts";

export const suite: Suite = { name: "grpc-js", run: async () => {} };
