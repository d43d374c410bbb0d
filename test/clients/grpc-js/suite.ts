/** @grpc/grpc-js, a gRPC implementation in JavaScript that shares nothing with the server's. */
import { startWithAuth } from "../harness/auth.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import { authCases } from "./auth.ts";
import { callCases } from "./calls.ts";
import type { Case } from "./case.ts";
import { GrpcClient } from "./client.ts";
import { streamCases } from "./streams.ts";

export const suite: Suite = {
  name: "grpc-js",
  run: async (context) => {
    for (const [number, one] of [...callCases, ...streamCases].entries()) {
      await runCase(context, one, context.url, `${context.prefix}grpc-js/${number}/`);
    }
    await context.cases.group("a server with authentication", async () => {
      const prefix = `${context.prefix}grpc-js/auth/`;
      const server = await startWithAuth(context, prefix);
      for (const one of authCases) await runCase(context, one, server.url, prefix);
      await server.stop();
    });
  },
};

async function runCase({ cases }: SuiteContext, { name, body }: Case, url: string, prefix: string): Promise<void> {
  await cases.test(name, async () => {
    const client = new GrpcClient(url);
    try {
      await body(client, prefix, url);
    } finally {
      client.close();
    }
  });
}
