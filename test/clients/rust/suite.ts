/** etcd-client on tonic and hyper's HTTP/2, in Rust: the crate beside this file, over cleartext, TLS and as a user. */
import { join } from "node:path";
import { PASSWORD, startWithAuth } from "../harness/auth.ts";
import { makeCertificates } from "../harness/certificates.ts";
import { run } from "../harness/exec.ts";
import { runLines } from "../harness/lines.ts";
import { Skipped, type Suite } from "../harness/suite.ts";
import { findCargo, findProtoc, MISSING_CARGO, MISSING_PROTOC } from "../harness/tools.ts";

const CACHE = join(import.meta.dirname, "..", "..", "..", ".cache", "clients", "rust");
const PROGRAM = join(CACHE, "debug", "clients");
/** The first build loads and compiles some hundred crates. */
const BUILD_TIMEOUT_MS = 900_000;
const RUN_TIMEOUT_MS = 180_000;

export const suite: Suite = {
  name: "rust",
  run: async (context) => {
    const { url, prefix, cases, startSecureServer } = context;
    const program = await build();
    const run = { timeoutMs: RUN_TIMEOUT_MS };
    await runLines(cases, program, [url, prefix], run);
    const asUser = cases.named("rust-as-user");
    await asUser.group("a server with users", async () => {
      const server = await startWithAuth(context, prefix);
      await runLines(asUser, program, [server.url, prefix, "--user", "u", PASSWORD], run);
      await server.stop();
    });
    const overTls = cases.named("rust-over-tls");
    await overTls.group("a server with TLS", async () => {
      const certificates = await makeCertificates();
      try {
        const server = await startSecureServer(certificates.serverFlags({ clients: "notAsked" }));
        await runLines(overTls, program, [server.secureUrl, prefix, "--ca", certificates.path("ca.pem")], run);
        await server.stop();
      } finally {
        certificates.remove();
      }
    });
  },
};

/** The program, made anew where a file of it has changed. */
async function build(): Promise<string> {
  const cargo = findCargo();
  if (cargo === undefined) throw new Skipped(MISSING_CARGO);
  const protoc = findProtoc();
  if (protoc === undefined) throw new Skipped(MISSING_PROTOC);
  const { status, stdout, stderr } = await run(cargo, ["build", "--quiet", "--locked"], {
    cwd: import.meta.dirname,
    env: { CARGO_TARGET_DIR: CACHE, PROTOC: protoc },
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`cargo: ${status}\n${stdout}${stderr}`);
  return PROGRAM;
}
