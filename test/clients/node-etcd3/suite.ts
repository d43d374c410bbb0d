/** npm's etcd3 (Microsoft's client over grpc-js), case by case, in this process. */
import { Etcd3 } from "etcd3";
import type { Suite } from "../harness/suite.ts";
import { concurrencyCases } from "./concurrency.ts";
import { kvCases } from "./kv.ts";
import { watchCases } from "./watch.ts";

export const suite: Suite = {
  name: "node-etcd3",
  run: async ({ url, prefix, cases }) => {
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
    await Promise.all(slow);
  },
};
