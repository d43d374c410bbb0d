/**
 * A folder of certificates as a site has them, each NAME.pem with its key NAME-key.pem, by two authorities, of which
 * the server trusts ca.pem:
 *
 *   server, late-server   for 127.0.0.1 and localhost; the second expired yesterday
 *   root, alice, nobody   clients, so named in their CN
 *   expired               a client of yesterday
 *   stranger              a client of stranger-ca.pem
 */
import { certificateFiles, makeCa } from "../../platform/node/support/certificates.ts";

export type Certificates = {
  readonly folder: string;
  path(name: string): string;
  /** The server's flags; a client certificate is asked for unless it is said that none is. */
  serverFlags(options?: { readonly server?: string; readonly clients?: "asked" | "notAsked" }): string[];
  remove(): void;
};

const HOSTS = ["127.0.0.1", "localhost"];

export async function makeCertificates(): Promise<Certificates> {
  const [ca, strangerCa] = await Promise.all([makeCa("etcd CA"), makeCa("stranger CA")]);
  const issued = {
    server: await ca.issue({ commonName: "server", hosts: HOSTS, both: true }),
    "late-server": await ca.issue({ commonName: "server", hosts: HOSTS, expired: true }),
    root: await ca.issue({ commonName: "root", client: true }),
    alice: await ca.issue({ commonName: "alice", client: true }),
    nobody: await ca.issue({ commonName: "nobody", client: true }),
    expired: await ca.issue({ commonName: "root", client: true, expired: true }),
    stranger: await strangerCa.issue({ commonName: "root", client: true }),
  };
  const pairs = Object.entries(issued).flatMap(([name, { cert, key }]) => [
    [`${name}.pem`, cert],
    [`${name}-key.pem`, key],
  ]);
  const files = certificateFiles({
    "ca.pem": ca.cert,
    "stranger-ca.pem": strangerCa.cert,
    ...Object.fromEntries(pairs),
  });
  return {
    folder: files.path("."),
    path: files.path,
    serverFlags: ({ server = "server", clients = "asked" } = {}) => [
      ...["--cert-file", files.path(`${server}.pem`), "--key-file", files.path(`${server}-key.pem`)],
      ...(clients === "asked" ? ["--trusted-ca-file", files.path("ca.pem"), "--client-cert-auth"] : []),
    ],
    remove: files.remove,
  };
}
