import type { Suite } from "../harness/suite.ts";

export const suite: Suite = { name: "connect-web", run: async () => {} };
