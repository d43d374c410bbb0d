/** What a server shows and whom it trusts, as Node takes it: from text, from files, or of its own making. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import tls from "node:tls";
import { ConfigError } from "../listen/urls.ts";
import type { Log } from "../log.ts";
import { opensslCiphers } from "./cipher-suites.ts";
import { WatchedFile } from "./files.ts";
import type { Pem, TlsOptions } from "./options.ts";
import { selfSigned } from "./self-signed.ts";

/** Its TLS is not OpenSSL. */
const IS_DENO = "deno" in process.versions;

type Source = string | WatchedFile;

interface Context extends tls.SecureContextOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export class Credentials {
  readonly #cert: Source;
  readonly #key: Source;
  readonly #trustedCa: Source | undefined;
  readonly #settings: tls.SecureContextOptions;
  readonly #log: Log;
  /** Whether something was read that is not in use yet. */
  #isStale = false;
  #complaint: string | undefined;

  private constructor(options: TlsOptions & { readonly cert: Pem; readonly key: Pem }, log: Log) {
    this.#cert = sourceOf(options.cert);
    this.#key = sourceOf(options.key);
    this.#trustedCa = options.trustedCa === undefined ? undefined : sourceOf(options.trustedCa);
    const { cipherSuites = [], minVersion, maxVersion } = options;
    this.#settings = {
      minVersion: minVersion ?? "TLSv1.2",
      ...(maxVersion !== undefined && { maxVersion }),
      ...(cipherSuites.length > 0 && { ciphers: opensslCiphers(cipherSuites) }),
    };
    this.#log = log;
  }

  /**
   * @param hosts that a certificate made here is for
   * @throws ConfigError for what is missing, unreadable, or does not belong together
   */
  static async load(options: TlsOptions, hosts: readonly string[], log: Log): Promise<Credentials> {
    const { cert, key } = await serverPair(options, hosts, log);
    try {
      const credentials = new Credentials({ ...options, cert, key }, log);
      check(credentials.context());
      if (IS_DENO && options.cipherSuites?.length)
        log.warn("Deno has cipher suites of its own: --cipher-suites has no effect");
      return credentials;
    } catch (error) {
      throw new ConfigError(`TLS cannot be served: ${(error as Error).message}`);
    }
  }

  context(): Context {
    const ca = this.#trustedCa === undefined ? undefined : contentOf(this.#trustedCa);
    return {
      ...this.#settings,
      cert: contentOf(this.#cert),
      key: contentOf(this.#key),
      ...(ca !== undefined && { ca }),
    };
  }

  /**
   * What is to be used from now on, where files have changed; undefined where not, and for as long as they do
   * not make sense: a certificate is often written before its key.
   */
  refresh(): Context | undefined {
    const files = [this.#cert, this.#key, this.#trustedCa].filter((source) => source instanceof WatchedFile);
    try {
      for (const file of files) if (file.refresh()) this.#isStale = true;
      if (!this.#isStale) return undefined;
      const context = this.context();
      check(context);
      this.#isStale = false;
      this.#complaint = undefined;
      this.#log.info("the TLS certificate was read again", { files: files.map(({ path }) => path) });
      return context;
    } catch (error) {
      const { message } = error as Error;
      // Each connection asks again.
      if (message !== this.#complaint)
        this.#log.warn("the TLS certificate from before stays in use", { error: message });
      this.#complaint = message;
      return undefined;
    }
  }
}

/**
 * @throws what cannot be used, or does not belong together: of the latter Deno would say nothing before a handshake, nor
 *   Node where only one of them is of RSA
 */
function check(context: Context): void {
  if (!new X509Certificate(context.cert).checkPrivateKey(createPrivateKey(context.key))) {
    throw new Error("mismatch of key and certificate");
  }
  tls.createSecureContext(context);
}

async function serverPair(
  options: TlsOptions,
  hosts: readonly string[],
  log: Log,
): Promise<{ readonly cert: Pem; readonly key: Pem }> {
  const { cert, key, autoTls } = options;
  if (cert !== undefined && key !== undefined) {
    if (autoTls) log.warn("no certificate is made, as there is one: --auto-tls has no effect");
    return { cert, key };
  }
  if (cert !== undefined || key !== undefined) throw new ConfigError("--cert-file and --key-file go together");
  if (!autoTls) throw new ConfigError("TLS needs a certificate and its key: --cert-file and --key-file, or --auto-tls");
  const validityYears = options.selfSignedCertValidityYears ?? 1;
  const pair = await selfSigned({ hosts, validityYears, folder: options.autoTlsFolder });
  log.warn("clients must be told to trust this server's own certificate", { folder: options.autoTlsFolder ?? "none" });
  return pair;
}

function sourceOf(pem: Pem): Source {
  return typeof pem === "string" ? pem : new WatchedFile(pem.file);
}

function contentOf(source: Source): string | Buffer {
  return typeof source === "string" ? source : source.content;
}
