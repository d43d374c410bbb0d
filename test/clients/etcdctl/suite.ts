/** etcdctl 3.7 and 3.4: every script (scripts/) and its transcript, and what `etcdctl check` makes of the server. */
import { join } from "node:path";
import type { Recorder } from "../harness/report.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import type { Etcdctl } from "../harness/tools.ts";
import { findEtcdctl34, findEtcdctl37, MISSING_ETCDCTL34, MISSING_ETCDCTL37 } from "../harness/tools.ts";
import { runScript } from "../harness/transcripts.ts";
import { checks } from "./checks.ts";
import { Ctl } from "./ctl.ts";
import { scripts } from "./scripts/index.ts";

const TRANSCRIPTS = join(import.meta.dirname, "transcripts");

export const suite: Suite = {
  name: "etcdctl",
  run: async (context) => {
    await Promise.all([
      runVersion(context, "3.7", findEtcdctl37(), MISSING_ETCDCTL37),
      runVersion(context, "3.4", findEtcdctl34(), MISSING_ETCDCTL34),
    ]);
  },
};

async function runVersion(
  context: SuiteContext,
  version: string,
  etcdctl: Etcdctl | undefined,
  missing: string,
): Promise<void> {
  const cases = context.cases.named(`etcdctl-${version}`);
  if (etcdctl === undefined) {
    cases.skip("the suite", missing);
    return;
  }
  const checking = checks(context, cases, etcdctl);
  if (context.subject === "endpoint") {
    cases.notApplicable("transcripts", "they compare revisions from a fresh server on; run without --endpoint");
  } else {
    await runScripts(context, cases, etcdctl);
  }
  await checking;
}

async function runScripts(context: SuiteContext, cases: Recorder, etcdctl: Etcdctl): Promise<void> {
  for (const { name, onlyFor, knownDifference, flags, run } of scripts) {
    if (onlyFor !== undefined && onlyFor !== etcdctl.version) continue;
    await runScript(context, cases, {
      name,
      file: join(TRANSCRIPTS, etcdctl.version, `${name.replaceAll(/\W+/g, "-")}.txt`),
      ...(knownDifference?.version === etcdctl.version ? { knownDifference: knownDifference.why } : {}),
      ...(flags === undefined ? {} : { flags }),
      transcribe: async (url, folder) => {
        const ctl = await Ctl.open(etcdctl, url, folder);
        await run(ctl);
        return ctl.transcript;
      },
    });
  }
}
