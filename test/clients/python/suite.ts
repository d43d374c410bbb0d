/** python-etcd3 as Debian packages it: runs cases.py and folds its lines in. */
import { join } from "node:path";
import { runLines } from "../harness/lines.ts";
import type { Suite } from "../harness/suite.ts";
import { findPython, MISSING_PYTHON } from "../harness/tools.ts";

const RUN_TIMEOUT_MS = 90_000;

export const suite: Suite = {
  name: "python",
  run: async ({ url, prefix, cases }) => {
    const python = findPython();
    if (python === undefined) {
      cases.skip("the suite", MISSING_PYTHON);
      return;
    }
    const program = join(import.meta.dirname, "cases.py");
    await runLines(cases, python, [program, url, prefix], { timeoutMs: RUN_TIMEOUT_MS });
  },
};
