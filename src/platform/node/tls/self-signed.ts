/** `--auto-tls`: a certificate of the server's own making, which clients must be told to trust. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { makeFolder } from "../folder.ts";
import { ConfigError } from "../listen/urls.ts";
import { loadX509 } from "./x509.ts";

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface SelfSignedOptions {
  /** Names and addresses it is for, besides those of this machine. */
  readonly hosts: readonly string[];
  readonly validityYears: number;
  /** Kept there, and taken from there the next time; undefined for memory only. */
  readonly folder: string | undefined;
}

const LOCAL_HOSTS = ["localhost", "127.0.0.1", "::1"];
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const PRIVATE_MODE = 0o600;

export async function selfSigned(options: SelfSignedOptions): Promise<KeyPair> {
  if (options.validityYears <= 0) throw new ConfigError("the validity of a self-signed certificate must be over 0");
  const { folder } = options;
  if (folder === undefined) return make(options);
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  const kept = await read(files);
  if (kept !== undefined) return kept;
  const made = await make(options);
  makeFolder(folder);
  await writeFile(files.cert, made.cert);
  await writeFile(files.key, made.key, { mode: PRIVATE_MODE });
  // One that was there keeps its mode.
  await chmod(files.key, PRIVATE_MODE);
  return made;
}

async function read(files: KeyPair): Promise<KeyPair | undefined> {
  try {
    return { cert: await readFile(files.cert, "utf8"), key: await readFile(files.key, "utf8") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** An authority and a server in one, as etcd's: a client trusts it by `--cacert cert.pem`. */
async function make({ hosts, validityYears }: SelfSignedOptions): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = [...new Set([...hosts.filter((host) => host !== ""), ...LOCAL_HOSTS])];
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ["etcdlite"] }],
    keys,
    notAfter: new Date(Date.now() + validityYears * YEAR_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment | keyCertSign | cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: net.isIP(value) === 0 ? "dns" : "ip", value }) as const),
      ),
    ],
  });
  const der = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: cert.toString("pem"), key: x509.PemConverter.encode(der, "PRIVATE KEY") };
}
