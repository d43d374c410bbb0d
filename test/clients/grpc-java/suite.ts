/** grpc-java on Netty's HTTP/2: the module beside this file, built into .cache, over cleartext and over TLS. */
import { delimiter, join } from "node:path";
import { makeCertificates } from "../harness/certificates.ts";
import { run } from "../harness/exec.ts";
import { runLines } from "../harness/lines.ts";
import { Skipped, type Suite } from "../harness/suite.ts";
import { findMaven, MISSING_MAVEN } from "../harness/tools.ts";

const CACHE = join(import.meta.dirname, "..", "..", "..", ".cache", "clients", "grpc-java");
const CLASS_PATH = [join(CACHE, "classes"), join(CACHE, "libraries", "*")].join(delimiter);
/** The first build loads gRPC, Netty and protoc. */
const BUILD_TIMEOUT_MS = 900_000;
const RUN_TIMEOUT_MS = 180_000;

export const suite: Suite = {
  name: "grpc-java",
  run: async ({ url, prefix, cases, startSecureServer }) => {
    const maven = findMaven();
    if (maven === undefined) throw new Skipped(MISSING_MAVEN);
    const build = await run(maven, ["-q", "-B", "process-classes"], {
      cwd: import.meta.dirname,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (build.status !== 0) throw new Error(`mvn: ${build.status}\n${build.stdout}${build.stderr}`);
    const java = (...args: string[]): string[] => ["-cp", CLASS_PATH, "Main", ...args];
    await runLines(cases, "java", java(new URL(url).host, prefix), { timeoutMs: RUN_TIMEOUT_MS });
    const overTls = cases.named("grpc-java-over-tls");
    await overTls.group("a server with TLS", async () => {
      const certificates = await makeCertificates();
      try {
        const server = await startSecureServer(certificates.serverFlags({ clients: "notAsked" }));
        const args = java(new URL(server.secureUrl).host, prefix, certificates.path("ca.pem"));
        await runLines(overTls, "java", args, { timeoutMs: RUN_TIMEOUT_MS });
        await server.stop();
      } finally {
        certificates.remove();
      }
    });
  },
};
