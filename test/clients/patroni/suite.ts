/**
 * Patroni, which keeps a PostgreSQL cluster's leader in etcd, as Debian packages it: its own etcd3 module with two
 * pretended nodes, without authentication and with it.
 */
import { join } from "node:path";
import { PASSWORD, startWithAuth } from "../harness/auth.ts";
import { runPython } from "../harness/python.ts";
import type { Suite } from "../harness/suite.ts";

const PROGRAM = join(import.meta.dirname, "nodes.py");

export const suite: Suite = {
  name: "patroni",
  run: async (context) => {
    const { url, prefix, cases } = context;
    const namespace = `/${prefix}patroni`;
    const withUser = cases.named("patroni-as-a-user");
    const authenticated = async (): Promise<void> => {
      const server = await startWithAuth(context, `${namespace}/`);
      await runPython(withUser, "patroni.dcs.etcd3", PROGRAM, [server.url, namespace, "root", PASSWORD]);
      await server.stop();
    };
    await Promise.all([
      runPython(cases, "patroni.dcs.etcd3", PROGRAM, [url, namespace]),
      withUser.group("a server with authentication", authenticated),
    ]);
  },
};
