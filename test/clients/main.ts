/**
 * `npm run clients`: real clients against the running server.
 *
 *   node test/clients/main.ts                          starts etcdlite, one server a suite
 *   node test/clients/main.ts --endpoint http://H:P    uses a running server, suites one after another
 *   node test/clients/main.ts --server etcd            the same suites against the real etcd: proves the suites
 *   ... --only etcdctl,go                              some suites
 *   ... --case "auth"                                  their cases with this in the name
 *   ... --h2 engine                                    etcdlite with that HTTP/2
 *   ... --record                                       writes etcdctl's transcripts anew (with --server etcd)
 *
 * Prints a line a case and `N passed, N failed[, N skipped]` at the end; exit code 1 if one failed.
 */
import { parseArgs } from "node:util";
import { toolsAreRequired } from "../support/etcd.ts";
import { suite as connectWeb } from "./connect-web/suite.ts";
import { suite as curl } from "./curl/suite.ts";
import { suite as etcd3gw } from "./etcd3gw/suite.ts";
import { suite as etcdctl } from "./etcdctl/suite.ts";
import { suite as go } from "./go/suite.ts";
import { suite as grpcJava } from "./grpc-java/suite.ts";
import { suite as grpcJs } from "./grpc-js/suite.ts";
import type { Counts } from "./harness/report.ts";
import { Recorder } from "./harness/report.ts";
import { Servers } from "./harness/servers.ts";
import type { Subject, Suite, SuiteContext } from "./harness/suite.ts";
import { Skipped } from "./harness/suite.ts";
import { suite as http2 } from "./http2/suite.ts";
import { suite as nodeEtcd3 } from "./node-etcd3/suite.ts";
import { suite as patroni } from "./patroni/suite.ts";
import { suite as python } from "./python/suite.ts";
import { suite as rust } from "./rust/suite.ts";
import { suite as tls } from "./tls/suite.ts";
import { suite as uses } from "./uses/suite.ts";

/** The longest first: the others fill the time beside it. */
const SUITES: readonly Suite[] = [
  etcdctl,
  go,
  grpcJava,
  rust,
  patroni,
  curl,
  python,
  etcd3gw,
  tls,
  uses,
  nodeEtcd3,
  grpcJs,
  connectWeb,
  http2,
];
const SUITES_AT_ONCE = 4;
const prefix = `clients-${Date.now().toString(36)}/`;

type Options = {
  readonly subject: Subject;
  readonly endpoint: string | undefined;
  readonly suites: readonly Suite[];
  readonly only: string;
  readonly record: boolean;
};

async function main(): Promise<number> {
  const options = parseOptions();
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const servers = new Servers(options.subject, options.endpoint);
  const stray = new Recorder("main", counts, { requireAll: false, only: "" });
  const judging = { requireAll: toolsAreRequired(), only: options.only };
  process.on("unhandledRejection", (error) => stray.fail("a promise nobody awaited", String(error)));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void servers.stopAll().finally(() => process.exit(130)));
  }
  const waiting = [...options.suites];
  const worker = async (): Promise<void> => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      const cases = new Recorder(suite.name, counts, judging);
      await runSuite(suite, servers, { cases, record: options.record, prefix, afterwards: (body) => later.push(body) });
    }
  };
  const later: (() => Promise<void>)[] = [];
  const atOnce = options.subject === "endpoint" ? 1 : SUITES_AT_ONCE;
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const body of later) await body();
  await servers.stopAll();
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
  return counts.failed === 0 ? 0 : 1;
}

/** Its server runs on until all suites have ended: what is done afterwards may need it. */
async function runSuite(
  suite: Suite,
  servers: Servers,
  shared: Pick<SuiteContext, "cases" | "record" | "prefix" | "afterwards">,
): Promise<void> {
  const { cases } = shared;
  try {
    const { url } = await servers.forSuite();
    await suite.run({
      ...shared,
      subject: servers.subject,
      url,
      startServer: (flags = []) => servers.fresh(flags),
      startSecureServer: (flags) => servers.secure(flags),
      startReference: (flags = []) => servers.reference(flags),
    });
  } catch (error) {
    if (error instanceof Skipped) cases.skip("the suite", error.message);
    else cases.fail("the suite", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      endpoint: { type: "string" },
      server: { type: "string", default: "etcdlite" },
      only: { type: "string" },
      case: { type: "string", default: "" },
      record: { type: "boolean", default: false },
      h2: { type: "string" },
    },
  });
  // As a variable every server has it, however a suite starts its own.
  if (values.h2 !== undefined) process.env.ETCD_H2 = values.h2;
  if (values.server !== "etcdlite" && values.server !== "etcd") {
    throw new Error(`--server is etcdlite or etcd, not ${values.server}`);
  }
  if (values.record && values.server !== "etcd") throw new Error("--record needs --server etcd: it records etcd");
  const names = values.only?.split(",");
  for (const name of names ?? []) {
    if (!SUITES.some((suite) => suite.name === name)) {
      throw new Error(`--only: no suite ${name}; there are ${SUITES.map((suite) => suite.name).join(", ")}`);
    }
  }
  return {
    subject: values.endpoint === undefined ? values.server : "endpoint",
    endpoint: values.endpoint?.replace(/\/$/, ""),
    suites: SUITES.filter((suite) => names === undefined || names.includes(suite.name)),
    only: values.case,
    record: values.record,
  };
}

try {
  // Clients keep sockets and timers of their own: the run is over when its sums are printed.
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}
