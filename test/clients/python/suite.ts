/** python-etcd3 as Debian packages it: all of its cases, and all of them again as a user, for which it wants TLS. */
import { join } from "node:path";
import { enableAuth, PASSWORD } from "../harness/auth.ts";
import { makeCertificates } from "../harness/certificates.ts";
import { runPython } from "../harness/python.ts";
import type { Suite } from "../harness/suite.ts";

const PROGRAM = join(import.meta.dirname, "clients.py");

export const suite: Suite = {
  name: "python",
  run: async (context) => {
    const { url, prefix, cases, startSecureServer } = context;
    const withUser = cases.named("python-as-a-user");
    const authenticated = async (): Promise<void> => {
      const certificates = await makeCertificates();
      try {
        const server = await startSecureServer(certificates.serverFlags({ clients: "notAsked" }));
        await enableAuth(server.url, prefix);
        const args = [server.secureUrl, prefix, "root", PASSWORD, certificates.path("ca.pem")];
        await runPython(withUser, "etcd3", PROGRAM, args);
        await server.stop();
      } finally {
        certificates.remove();
      }
    };
    await Promise.all([
      runPython(cases, "etcd3", PROGRAM, [url, prefix]),
      withUser.group("a server with authentication and TLS", authenticated),
    ]);
  },
};
