/** Who is at the other end of a TLS connection: what its certificate must say, and what it is called by it. */
import type { X509Certificate } from "node:crypto";
import net from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsOptions } from "./options.ts";
import type { RevocationList } from "./revocation.ts";

const COMMON_NAME = Symbol("client common name");

/**
 * The common name, maybe empty, of the client's certificate; undefined where that is not its user.
 * @param socket of a request or a session: both hand out stand-ins of the real one
 */
export function clientCommonNameOf(socket: object | undefined): string | undefined {
  return (socket as { readonly [COMMON_NAME]?: string } | undefined)?.[COMMON_NAME];
}

export function isEncrypted(socket: object | undefined): boolean {
  return (socket as { readonly encrypted?: boolean } | undefined)?.encrypted === true;
}

export class PeerPolicy {
  readonly #hostnames: readonly string[];
  readonly #commonNames: readonly string[];
  readonly #revoked: RevocationList | undefined;
  readonly #isUser: boolean;

  constructor(options: TlsOptions, revoked: RevocationList | undefined) {
    this.#hostnames = options.clientCertAllowedHostnames ?? [];
    this.#commonNames = options.clientCertAllowedCommonNames ?? [];
    this.#revoked = revoked;
    this.#isUser = options.clientCertAuth === true;
  }

  /** Why a client whose certificate has been verified is still not welcome; undefined if it is. */
  refusal(socket: TLSSocket): string | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const commonName = commonNameOf(certificate);
    if (this.#commonNames.length > 0 && !this.#commonNames.includes(commonName)) {
      return "its certificate has none of the allowed common names";
    }
    if (this.#hostnames.length > 0 && !this.#hostnames.some((hostname) => isFor(certificate, hostname))) {
      return "its certificate is for none of the allowed hostnames";
    }
    if (this.#revoked !== undefined) {
      const reason = revocationOf(socket, this.#revoked);
      if (reason !== undefined) return reason;
    }
    if (this.#isUser) Object.assign(socket, { [COMMON_NAME]: commonName });
    return undefined;
  }
}

/** The last one, as in Go, where there are several; empty for none. */
function commonNameOf(certificate: X509Certificate): string {
  const { CN } = certificate.toLegacyObject().subject as { readonly CN?: string | string[] };
  return (Array.isArray(CN) ? CN.at(-1) : CN) ?? "";
}

/** By its alternative names alone. */
function isFor(certificate: X509Certificate, hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (net.isIP(address) !== 0) return certificate.checkIP(address) !== undefined;
  const isNamed = certificate.checkHost(hostname, { subject: "never", partialWildcards: false }) !== undefined;
  return isNamed && hasName(certificate, hostname);
}

/** Deno takes the common name for one as well, whatever it is told; and a name that begins with a dot is none. */
function hasName({ subjectAltName = "" }: X509Certificate, hostname: string): boolean {
  const names = subjectAltName.toLowerCase().split(", ");
  const name = hostname.toLowerCase();
  return names.includes(`dns:${name}`) || names.includes(`dns:${name.replace(/^[^.]+/, "*")}`);
}

function revocationOf(socket: TLSSocket, revoked: RevocationList): string | undefined {
  try {
    let certificate = socket.getPeerCertificate(true);
    for (;;) {
      if (revoked.has(certificate.serialNumber)) return `certificate ${certificate.serialNumber} is revoked`;
      const issuer = certificate.issuerCertificate;
      if (issuer === undefined || issuer === certificate) return undefined;
      certificate = issuer;
    }
  } catch (error) {
    return `the list of revoked certificates cannot be read: ${(error as Error).message}`;
  }
}
