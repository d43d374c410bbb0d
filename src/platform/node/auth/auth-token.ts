/**
 * etcd's --auth-token: `simple`, nothing for no tokens, or `jwt` and how to sign,
 * `jwt,sign-method=RS256,priv-key=key.pem,pub-key=key.pub,ttl=10m`. Errors are in etcd's words.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { NO_TOKENS, SimpleTokens, type TokenProvider } from "../../../rpc/index.ts";
import type { Clock } from "../../../server/index.ts";
import { parseDuration } from "../duration.ts";
import { ConfigError } from "../listen/urls.ts";

const DEFAULT_AUTH_TOKEN_TTL_SECONDS = 300;

export interface AuthTokenOptions {
  /** Of simple tokens; 0 for the default. */
  readonly ttlSeconds?: number | undefined;
  readonly clock: Clock;
  /** Since 1970, for tokens that say when they end. */
  readonly wallClockMs: () => number;
}

const DEFAULT_JWT_TTL_MS = 5 * 60 * 1000;
const INVALID_OPTIONS = "auth: invalid auth options";
const METHODS = /^(?:(HS|RS|PS|ES)(?:256|384|512)|(EdDSA))$/;

/** What a family of methods signs with: the type of key in Node's words, and what etcd calls it. */
const KEY_TYPES: Readonly<Record<string, { readonly type: string; readonly name: string }>> = {
  RS: { type: "rsa", name: "RSA" },
  PS: { type: "rsa", name: "RSA" },
  ES: { type: "ec", name: "ECDSA" },
  EdDSA: { type: "ed25519", name: "Ed25519" },
};

/** @throws ConfigError */
export async function tokensFor(option: string, options: AuthTokenOptions): Promise<TokenProvider> {
  const [kind = "", ...pairs] = option.split(",");
  const settings = parsePairs(option, pairs);
  switch (kind) {
    case "simple": {
      const ttlMs = (options.ttlSeconds || DEFAULT_AUTH_TOKEN_TTL_SECONDS) * 1000;
      return new SimpleTokens({ nowMs: () => options.clock.now(), ttlMs });
    }
    case "jwt":
      return await jwtTokens(settings, options.wallClockMs);
    case "":
      return NO_TOKENS;
    default:
      throw invalid(`there is no type of token ${JSON.stringify(kind)}`);
  }
}

function parsePairs(option: string, pairs: readonly string[]): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const pair of pairs) {
    const [name = "", value, more] = pair.split("=");
    if (value === undefined || more !== undefined)
      throw invalid(`${JSON.stringify(pair)} in ${JSON.stringify(option)}`);
    if (settings.has(name)) throw invalid(`${name} is there twice in ${JSON.stringify(option)}`);
    settings.set(name, value);
  }
  return settings;
}

async function jwtTokens(settings: ReadonlyMap<string, string>, nowMs: () => number): Promise<TokenProvider> {
  const ttl = settings.get("ttl") || undefined;
  const ttlMs = ttl === undefined ? DEFAULT_JWT_TTL_MS : parseDuration(ttl);
  if (ttlMs === undefined) throw invalid(`time: invalid duration ${JSON.stringify(ttl)}`);
  const publicKey = await read(settings.get("pub-key"));
  const privateKey = await read(settings.get("priv-key"));
  const algorithm = settings.get("sign-method") ?? "";
  if (algorithm === "none") throw new ConfigError("--auth-token: unsupported signing method: none");
  const [, family = "EdDSA"] = METHODS.exec(algorithm) ?? [undefined, ""];
  if (family === "") throw invalid("auth: invalid auth signature method");
  const keys = family === "HS" ? secretKey(privateKey) : keyPair(family, privateKey, publicKey);
  // Few have such tokens, and who has none does not wait for what makes them to be loaded.
  const { JwtTokens } = await import("./jwt-tokens.ts");
  return new JwtTokens({ algorithm, ttlMs, nowMs, ...keys });
}

/** Nothing for a file that is not named. */
async function read(path: string | undefined): Promise<Buffer> {
  if (path === undefined || path === "") return Buffer.alloc(0);
  try {
    return await readFile(path);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function secretKey(secret: Uint8Array) {
  if (secret.length === 0) throw missingKey();
  return { signKey: secret, verifyKey: secret };
}

function keyPair(family: string, privatePem: Buffer, publicPem: Buffer) {
  const { type = "", name = "" } = KEY_TYPES[family] ?? {};
  const signKey = privatePem.length === 0 ? undefined : parse(privatePem, createPrivateKey);
  if (signKey !== undefined && signKey.asymmetricKeyType !== type) {
    throw new ConfigError(`--auth-token: key is not a valid ${name} private key`);
  }
  const publicKey = publicPem.length === 0 ? undefined : parse(publicPem, createPublicKey);
  if (publicKey !== undefined && publicKey.asymmetricKeyType !== type) {
    throw new ConfigError(`--auth-token: key is not a valid ${name} public key`);
  }
  if (signKey === undefined) {
    if (publicKey === undefined) throw missingKey();
    return { signKey, verifyKey: publicKey };
  }
  const verifyKey = createPublicKey(signKey);
  if (publicKey !== undefined && !publicKey.equals(verifyKey)) {
    throw new ConfigError("--auth-token: auth: public and private keys don't match");
  }
  return { signKey, verifyKey };
}

function parse(pem: Buffer, parser: (pem: Buffer) => KeyObject): KeyObject {
  if (!pem.includes("-----BEGIN ")) {
    throw new ConfigError("--auth-token: invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key");
  }
  try {
    return parser(pem);
  } catch (error) {
    throw new ConfigError(`--auth-token: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function invalid(reason: string): ConfigError {
  return new ConfigError(`--auth-token: ${INVALID_OPTIONS}: ${reason}`);
}

function missingKey(): ConfigError {
  return new ConfigError("--auth-token: auth: missing key data");
}
