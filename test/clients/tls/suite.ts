/**
 * TLS as etcdctl and curl meet it: who is let in, who is refused and how clearly, and that the server goes on. What
 * TLS itself says differs with its implementation, so that the wording is given by alternatives.
 */
import assert from "node:assert/strict";
import type { Certificates } from "../harness/certificates.ts";
import { makeCertificates } from "../harness/certificates.ts";
import type { ExecResult } from "../harness/exec.ts";
import type { SecureServer, Suite, SuiteContext } from "../harness/suite.ts";
import { findCurl, findEtcdctl37, MISSING_CURL, MISSING_ETCDCTL37 } from "../harness/tools.ts";
import { curlCases } from "./curl.ts";
import { etcdctlCases } from "./etcdctl.ts";

export type Site = {
  readonly server: SecureServer;
  readonly certificates: Certificates;
  /** The program of the suite, found. */
  readonly binary: string;
};

export type TlsCase = {
  readonly name: string;
  /** What the server is started with; by default it asks for client certificates. */
  flags?(certificates: Certificates): string[];
  body(site: Site): Promise<void>;
};

/** The text must match, and says what it was otherwise. */
export function assertSays(result: ExecResult, pattern: RegExp): void {
  assert.match(`${result.status} ${result.stdout.toString()}${result.stderr}`, pattern);
}

export const suite: Suite = {
  name: "tls",
  run: async (context) => {
    const certificates = await makeCertificates();
    try {
      await Promise.all([
        runCases(context, certificates, "tls-etcdctl", findEtcdctl37()?.binary, MISSING_ETCDCTL37, etcdctlCases),
        runCases(context, certificates, "tls-curl", findCurl(), MISSING_CURL, curlCases),
      ]);
    } finally {
      certificates.remove();
    }
  },
};

async function runCases(
  context: SuiteContext,
  certificates: Certificates,
  name: string,
  binary: string | undefined,
  missing: string,
  all: readonly TlsCase[],
): Promise<void> {
  const cases = context.cases.named(name);
  if (binary === undefined) {
    cases.skip("the suite", missing);
    return;
  }
  for (const { name: caseName, flags, body } of all) {
    await cases.test(caseName, async () => {
      const server = await context.startSecureServer(flags?.(certificates) ?? certificates.serverFlags());
      try {
        await body({ server, certificates, binary });
        assert.equal((await fetch(`${server.url}/health`)).status, 200, "the server goes on");
      } finally {
        await server.stop();
      }
    });
  }
}
