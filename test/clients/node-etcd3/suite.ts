/** npm's etcd3 (Microsoft's client over grpc-js), case by case, in this process. */
import { Etcd3 } from "etcd3";
import { startWithAuth } from "../harness/auth.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import { authCases, signedIn } from "./auth.ts";
import { concurrencyCases } from "./concurrency.ts";
import { kvCases } from "./kv.ts";
import { watchCases } from "./watch.ts";

export const suite: Suite = {
  name: "node-etcd3",
  run: async (context) => {
    const { url, prefix, cases } = context;
    const slow: Promise<void>[] = [];
    for (const [number, { name, body, beside }] of [...concurrencyCases, ...kvCases, ...watchCases].entries()) {
      const run = cases.test(name, async () => {
        const client = new Etcd3({ hosts: url });
        try {
          await body(client, `${prefix}node/${number}/`);
        } finally {
          client.close();
        }
      });
      if (beside === true) slow.push(run);
      else await run;
    }
    await cases.group("a server with authentication", () => withAuth(context, `${prefix}node/auth/`));
    await Promise.all(slow);
  },
};

async function withAuth(context: SuiteContext, prefix: string): Promise<void> {
  const server = await startWithAuth(context, prefix);
  for (const { name, body } of authCases) {
    await context.cases.test(name, async () => {
      const [root, u] = [signedIn(server.url, "root"), signedIn(server.url, "u")];
      try {
        await body(root, u, prefix, server.url);
      } finally {
        root.close();
        u.close();
      }
    });
  }
  await server.stop();
}
