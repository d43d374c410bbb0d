/** The names of Go's cipher suites, which etcd's flag takes, and OpenSSL's, which Node takes. */
import tls from "node:tls";
import { ConfigError } from "../listen/urls.ts";

const TLS13 = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];

/** What OpenSSL calls those whose names are not made by its rule. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: "DES-CBC3-SHA",
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: "ECDHE-RSA-DES-CBC3-SHA",
};

/** Those of TLS 1.2 that Go has, the insecure ones among them, but for the exceptions. */
const KNOWN = new Set([
  ...["TLS_RSA_WITH_RC4_128_SHA", "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"],
  ...["TLS_RSA", "TLS_ECDHE_ECDSA", "TLS_ECDHE_RSA"].flatMap((exchange) =>
    ["AES_128_CBC_SHA", "AES_256_CBC_SHA", "AES_128_CBC_SHA256", "AES_128_GCM_SHA256", "AES_256_GCM_SHA384"].map(
      (cipher) => `${exchange}_WITH_${cipher}`,
    ),
  ),
]);

/**
 * For Node's option `ciphers`. Suites that this Node was built without are left out.
 * @throws ConfigError for a name that Go does not know
 */
export function opensslCiphers(suites: readonly string[]): string {
  const available = new Set(tls.getCiphers().map((name) => name.toUpperCase()));
  const chosen = suites.filter((suite) => !TLS13.includes(suite)).map(opensslName);
  return [...TLS13, ...chosen.filter((name) => available.has(name))].join(":");
}

/** `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is `ECDHE-RSA-AES128-GCM-SHA256`; CBC is not named, and neither is RSA alone. */
function opensslName(suite: string): string {
  const exception = EXCEPTIONS[suite];
  if (exception !== undefined) return exception;
  if (!KNOWN.has(suite)) throw new ConfigError(`unexpected TLS cipher suite ${JSON.stringify(suite)}`);
  return suite
    .replace(/^TLS_RSA_WITH_|^TLS_/, "")
    .replace("_WITH_", "_")
    .replace("_CBC_", "_")
    .replace(/AES_(\d+)/, "AES$1")
    .replace("RC4_128", "RC4")
    .replaceAll("_", "-");
}
