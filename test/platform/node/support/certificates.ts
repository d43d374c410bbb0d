/**
 * Certificates of a test's own making, as PEM:
 *
 *     const ca = await makeCa();
 *     const server = await ca.issue({ hosts: ["localhost", "127.0.0.1"] });
 *     const client = await ca.issue({ commonName: "alice", client: true });
 *     const files = certificateFiles({ "ca.pem": ca.cert, "server.pem": server.cert, "server-key.pem": server.key });
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadX509 } from "../../../../src/platform/node/tls/x509.ts";

export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
}

export interface IssueOptions {
  /** Of the subject; none by default. */
  readonly commonName?: string;
  /** DNS names and IP addresses. */
  readonly hosts?: readonly string[];
  /** It was valid until yesterday. */
  readonly expired?: boolean;
  /** For a client; a server's otherwise. */
  readonly client?: boolean;
  /** For a server that is its own client too, as a real etcd's gateway is. */
  readonly both?: boolean;
}

export interface Ca {
  readonly cert: string;
  issue(options?: IssueOptions): Promise<Issued>;
  /** A revocation list, in DER as etcd wants it. */
  revoke(...revoked: readonly Issued[]): Promise<Buffer>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;

/** An authority that only those trust who are given its certificate. */
export async function makeCa(commonName = "test CA"): Promise<Ca> {
  const x509 = await loadX509();
  const keys = await makeKeys();
  const name = [{ CN: [commonName] }];
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    ...validity(false),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issue = async (options: IssueOptions = {}): Promise<Issued> => {
    const own = await makeKeys();
    const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
    const usages = options.both ? [serverAuth, clientAuth] : [options.client ? clientAuth : serverAuth];
    const hosts = (options.hosts ?? []).map((value) => ({ type: isIp(value) ? "ip" : "dns", value }) as const);
    const cert = await x509.X509CertificateGenerator.create({
      issuer: root.subjectName,
      subject: options.commonName === undefined ? [{ O: ["test"] }] : [{ CN: [options.commonName] }],
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      ...validity(options.expired === true),
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature),
        new x509.ExtendedKeyUsageExtension(usages),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts)] : []),
      ],
    });
    return { cert: cert.toString("pem"), key: await privateKeyPem(own), serialNumber: cert.serialNumber };
  };
  const revoke = async (...revoked: readonly Issued[]): Promise<Buffer> => {
    const list = await x509.X509CrlGenerator.create({
      issuer: root.subjectName,
      signingAlgorithm: ALGORITHM,
      signingKey: keys.privateKey,
      nextUpdate: new Date(Date.now() + DAY_MS),
      entries: revoked.map(({ serialNumber }) => ({ serialNumber })),
    });
    return Buffer.from(list.rawData);
  };
  return { cert: root.toString("pem"), issue, revoke };
}

/** Writes them into a folder of their own. */
export function certificateFiles(files: Readonly<Record<string, string | Uint8Array>>): {
  path(name: string): string;
  write(name: string, content: string | Uint8Array): void;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-certificates-"));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(path(name), content);
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function privateKeyPem(keys: CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

/** From before yesterday, for clocks that do not agree. */
function validity(expired: boolean): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now - 2 * DAY_MS),
    notAfter: new Date(expired ? now - DAY_MS : now + 365 * DAY_MS),
  };
}

function isIp(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}
