/**
 * etcdctl 3.7 and 3.4: every script (scripts/) runs against a fresh server, and what etcdctl printed must be
 * what it prints for a real etcd: one started for the purpose if there is one, else the recorded transcript.
 * With a real etcd at hand the recordings themselves are checked too.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Recorder } from "../harness/report.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import { NotApplicable, Skipped } from "../harness/suite.ts";
import type { Etcdctl } from "../harness/tools.ts";
import { findEtcdctl34, findEtcdctl37, MISSING_ETCDCTL34, MISSING_ETCDCTL37 } from "../harness/tools.ts";
import { checkPerf } from "./checks.ts";
import { Ctl } from "./ctl.ts";
import { firstDifference } from "./diff.ts";
import { scripts } from "./scripts/index.ts";
import type { Script } from "./scripts/script.ts";

const TRANSCRIPTS = join(import.meta.dirname, "transcripts");
const SCRIPT_TIMEOUT_MS = 60_000;

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
  const perf = checkPerf(context, cases, etcdctl);
  if (context.subject === "endpoint") {
    cases.notApplicable("transcripts", "they compare revisions from a fresh server on; run without --endpoint");
  } else {
    for (const script of scripts) {
      if (script.onlyFor === undefined || script.onlyFor === etcdctl.version) {
        await runScript(context, cases, etcdctl, script);
      }
    }
  }
  await perf;
}

async function runScript(context: SuiteContext, cases: Recorder, etcdctl: Etcdctl, script: Script): Promise<void> {
  const file = join(TRANSCRIPTS, etcdctl.version, `${script.name.replaceAll(/\W+/g, "-")}.txt`);
  await cases.test(
    script.name,
    async () => {
      const [actual, expected] = await Promise.all([
        transcribe(() => context.startServer(), etcdctl, script),
        transcribe(() => context.startReference(), etcdctl, script),
      ]);
      if (actual === undefined) throw new Error("no server to test");
      if (context.record) {
        mkdirSync(join(TRANSCRIPTS, etcdctl.version), { recursive: true });
        writeFileSync(file, actual);
      }
      const difference = firstDifference(expected ?? recorded(file), actual);
      const known = context.subject === "etcd" ? undefined : script.knownDifference;
      if (known?.version === etcdctl.version) {
        if (difference === undefined) throw new Error("the known difference is gone: take knownDifference out");
        throw new NotApplicable(`a known difference: ${known.why}`);
      }
      if (difference !== undefined) throw new Error(`not what etcdctl prints for etcd:\n${difference}`);
      if (expected !== undefined && recorded(file) !== expected) {
        throw new Error(`the recording is stale (--record):\n${firstDifference(recorded(file), expected)}`);
      }
    },
    SCRIPT_TIMEOUT_MS,
  );
}

async function transcribe(
  startServer: () => ReturnType<SuiteContext["startReference"]>,
  etcdctl: Etcdctl,
  script: Script,
): Promise<string | undefined> {
  const server = await startServer();
  if (server === undefined) return undefined;
  try {
    const ctl = await Ctl.open(etcdctl, server.url);
    await script.run(ctl);
    return ctl.transcript;
  } finally {
    await server.stop();
  }
}

function recorded(file: string): string {
  if (!existsSync(file)) throw new Skipped(`no real etcd to compare with and no recording ${file}`);
  return readFileSync(file, "utf8");
}
