/** The flags of TLS. */
import path from "node:path";
import { ConfigError } from "../listen/urls.ts";
import type { Pem, TlsOptions, TlsVersion } from "../tls/options.ts";
import type { Values } from "./values.ts";

const VERSIONS: Readonly<Record<string, TlsVersion>> = { "TLS1.2": "TLSv1.2", "TLS1.3": "TLSv1.3" };

/** @throws ConfigError */
export function tlsOptions(values: Values): TlsOptions {
  const minVersion = version(values, "tls-min-version");
  const maxVersion = version(values, "tls-max-version");
  if (minVersion === "TLSv1.3" && maxVersion === "TLSv1.2") {
    throw new ConfigError("--tls-min-version is greater than --tls-max-version");
  }
  const cipherSuites = values.list("cipher-suites");
  if (minVersion === "TLSv1.3" && cipherSuites !== undefined && cipherSuites.length > 0) {
    throw new ConfigError("--cipher-suites cannot be configured when only TLS1.3 is enabled");
  }
  const hostnames = values.list("client-cert-allowed-hostname");
  const commonNames = values.list("client-cert-allowed-cn");
  if (hostnames?.length && commonNames?.length) {
    throw new ConfigError("allowed common names and allowed hostnames of clients exclude each other");
  }
  const dataDir = values.path("data-dir");
  return withoutUndefined({
    cert: file(values, "cert-file"),
    key: file(values, "key-file"),
    trustedCa: file(values, "trusted-ca-file"),
    clientCertAuth: values.bool("client-cert-auth"),
    clientCertAllowedHostnames: hostnames,
    clientCertAllowedCommonNames: commonNames,
    clientCrlFile: values.path("client-crl-file"),
    autoTls: values.bool("auto-tls"),
    autoTlsFolder: dataDir && path.join(dataDir, "fixtures", "client"),
    selfSignedCertValidityYears: values.number("self-signed-cert-validity"),
    cipherSuites,
    minVersion,
    maxVersion,
  });
}

function file(values: Values, flag: string): Pem | undefined {
  const name = values.path(flag);
  return name === undefined ? undefined : { file: name };
}

function version(values: Values, flag: string): TlsVersion | undefined {
  const text = values.path(flag);
  if (text === undefined) return undefined;
  const found = VERSIONS[text];
  if (found === undefined) throw new ConfigError(`unknown --${flag} ${JSON.stringify(text)}: TLS1.2 or TLS1.3`);
  return found;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<Defined<T>>;
}
