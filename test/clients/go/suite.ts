/**
 * Go's clientv3 3.7.1 with its packages: builds the module beside this file into .cache and runs it, once for each
 * kind of server that its cases need.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeCertificates } from "../harness/certificates.ts";
import { run } from "../harness/exec.ts";
import { runLines } from "../harness/lines.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import { findGo, MISSING_GO } from "../harness/tools.ts";

const MODULE = import.meta.dirname;
const CACHE = join(MODULE, "..", "..", "..", ".cache", "clients");
/** The first build compiles gRPC and all of clientv3. */
const BUILD_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 120_000;

export const suite: Suite = {
  name: "go",
  run: async (context) => {
    const { url, prefix, cases } = context;
    const go = findGo();
    if (go === undefined) {
      cases.skip("the suite", MISSING_GO);
      return;
    }
    const binary = join(CACHE, "go-clients");
    mkdirSync(CACHE, { recursive: true });
    const build = await run(go, ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", binary, "."], {
      cwd: MODULE,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (build.status !== 0) throw new Error(`go build: ${build.status}\n${build.stderr}`);
    await Promise.all([
      runLines(cases, binary, [url, prefix], { timeoutMs: RUN_TIMEOUT_MS }),
      cases.group("a server with authentication", () => withAuth(context, binary)),
      cases.group("a server with TLS", () => withTls(context, binary)),
    ]);
  },
};

async function withAuth({ cases, prefix, startServer }: SuiteContext, binary: string): Promise<void> {
  const server = await startServer();
  await runLines(cases, binary, [server.url, prefix, "auth"], { timeoutMs: RUN_TIMEOUT_MS });
  await server.stop();
}

async function withTls({ cases, prefix, startSecureServer }: SuiteContext, binary: string): Promise<void> {
  const certificates = await makeCertificates();
  try {
    const server = await startSecureServer(certificates.serverFlags());
    const args = [server.secureUrl, prefix, "tls", certificates.folder];
    await runLines(cases, binary, args, { timeoutMs: RUN_TIMEOUT_MS });
    await server.stop();
  } finally {
    certificates.remove();
  }
}
