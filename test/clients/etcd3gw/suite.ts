/** etcd3gw, which speaks the JSON gateway, as Debian packages it. */
import { join } from "node:path";
import { runPython } from "../harness/python.ts";
import type { Suite } from "../harness/suite.ts";

export const suite: Suite = {
  name: "etcd3gw",
  run: async ({ url, prefix, cases }) => {
    await runPython(cases, "etcd3gw", join(import.meta.dirname, "gateway.py"), [url, prefix]);
  },
};
