/** The option --auth-token, and what JWTs are worth, here and at an etcd. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { tokensFor } from "../../../src/platform/node/auth/auth-token.ts";
import { JwtTokens } from "../../../src/platform/node/auth/jwt-tokens.ts";
import { ConfigError, createServer } from "../../../src/platform/node/index.ts";
import type { TokenProvider } from "../../../src/rpc/index.ts";
import { bytes, expectError } from "../../rpc/support/show.ts";
import { VirtualClock } from "../../support/clock.ts";
import { findEtcd, MISSING_ETCD, startEtcd, toolsAreRequired } from "../../support/etcd.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "etcdlite-auth-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(FOLDER, name);
  writeFileSync(path, content);
  return path;
}

function pems(name: string, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  return {
    private: file(`${name}.pem`, privateKey.export({ type: "pkcs8", format: "pem" })),
    public: file(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" })),
  };
}

const RSA = pems("rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }));
const OTHER_RSA = pems("rsa2", generateKeyPairSync("rsa", { modulusLength: 2048 }));
const ED = pems("ed", generateKeyPairSync("ed25519"));
const EC: Readonly<Record<string, { readonly private: string; readonly public: string }>> = {
  ES256: pems("ec256", generateKeyPairSync("ec", { namedCurve: "P-256" })),
  ES384: pems("ec384", generateKeyPairSync("ec", { namedCurve: "P-384" })),
  ES512: pems("ec512", generateKeyPairSync("ec", { namedCurve: "P-521" })),
};
const SECRET = file("secret", "s3cret");
file("empty", "");

const EPOCH_MS = 1_700_000_000_000;

function tokens(option: string, clock = new VirtualClock()): Promise<TokenProvider> {
  return tokensFor(option, { clock, wallClockMs: () => EPOCH_MS + clock.now() });
}

/** Whose a token is, once it has been looked at. */
async function found(provider: TokenProvider, token: string) {
  await provider.verify?.(token);
  return provider.find(token, 9);
}

async function jwt(option: string, clock: VirtualClock): Promise<JwtTokens> {
  const provider = await tokens(`jwt,${option}`, clock);
  return provider instanceof JwtTokens ? provider : expect.fail("no JWTs");
}

function claims(token: string): unknown {
  return token
    .split(".")
    .slice(0, 2)
    .map((part) => Buffer.from(part, "base64url").toString());
}

test.each([
  ["foo", 'auth: invalid auth options: there is no type of token "foo"'],
  ["simple,foo", 'auth: invalid auth options: "foo" in "simple,foo"'],
  ["jwt,a=b=c", 'auth: invalid auth options: "a=b=c" in "jwt,a=b=c"'],
  ["jwt,ttl=1s,ttl=2s", 'auth: invalid auth options: ttl is there twice in "jwt,ttl=1s,ttl=2s"'],
  ["jwt", "auth: invalid auth options: auth: invalid auth signature method"],
  ["jwt,sign-method=RS257", "auth: invalid auth options: auth: invalid auth signature method"],
  ["jwt,sign-method=none", "unsupported signing method: none"],
  ["jwt,sign-method=RS256,ttl=x", 'auth: invalid auth options: time: invalid duration "x"'],
  ["jwt,sign-method=RS256", "auth: missing key data"],
  ["jwt,sign-method=HS256", "auth: missing key data"],
  ["jwt,sign-method=HS256,pub-key={secret}", "auth: missing key data"],
  ["jwt,sign-method=HS256,priv-key={empty}", "auth: missing key data"],
  ["jwt,sign-method=RS256,priv-key={secret}", "invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key"],
  ["jwt,sign-method=RS256,priv-key={ed.pem}", "key is not a valid RSA private key"],
  ["jwt,sign-method=ES256,priv-key={rsa.pem}", "key is not a valid ECDSA private key"],
  ["jwt,sign-method=EdDSA,pub-key={rsa.pub}", "key is not a valid Ed25519 public key"],
  ["jwt,sign-method=PS256,priv-key={rsa.pem},pub-key={rsa2.pub}", "auth: public and private keys don't match"],
])("AU4: --auth-token %s is refused", async (option, message) => {
  const named = option.replace(/\{(.+?)\}/g, `${FOLDER}/$1`);
  await expect(tokens(named)).rejects.toThrow(new ConfigError(`--auth-token: ${message}`));
});

test("AU4: a key file that is not there is named", async () => {
  const option = `jwt,sign-method=RS256,priv-key=${FOLDER}/none`;
  await expect(tokens(option)).rejects.toThrow(/^--auth-token: auth: invalid auth options: ENOENT.*none/);
});

test("AU4: options that mean nothing are passed over", async () => {
  await tokens("simple,foo=bar");
  await tokens(`jwt,sign-method=HS256,priv-key=${SECRET},foo=bar`);
});

test("AU4: no type of token is no tokens", async () => {
  const none = await tokens("");
  expect(none.find("abcdefghijklmnop.1", 1)).toBeUndefined();
  expect(() => none.assign("a", 1, 1)).toThrow("etcdserver: authentication failed, invalid user ID or password");
});

test("AU4: --auth-token-ttl is how long a simple token lasts, 0 for 300 s", async () => {
  for (const [ttlSeconds, ttlMs] of [
    [undefined, 300_000],
    [0, 300_000],
    [7, 7000],
  ] as const) {
    const clock = new VirtualClock();
    const provider = await tokensFor("simple", { ttlSeconds, clock, wallClockMs: Date.now });
    const token = await provider.assign("a", 1, 1);
    clock.advance(ttlMs);
    expect(provider.find(token, 1)?.username).toBe("a");
    clock.advance(ttlMs + 1);
    expect(provider.find(token, 1)).toBeUndefined();
  }
});

test("AU4: a JWT says whose it is, the revision, and when it ends, in etcd's bytes", async () => {
  const provider = await jwt(`sign-method=HS256,priv-key=${SECRET},ttl=10m`, new VirtualClock(1500));
  const token = await provider.assign("älice", 7);
  expect(claims(token)).toEqual(['{"alg":"HS256","typ":"JWT"}', '{"exp":1700000601,"revision":7,"username":"älice"}']);
  expect(await found(provider, token)).toEqual({ username: "älice", revision: 7 });
});

test("AU4: a JWT is good until it ends, used or not, and is looked at once", async () => {
  const clock = new VirtualClock();
  const provider = await jwt(`sign-method=HS256,priv-key=${SECRET}`, clock);
  const token = await provider.assign("a", 7);
  expect(provider.find(token)).toBeUndefined();
  await provider.verify(token);
  expect(provider.verify(token)).toBeUndefined();
  clock.advance(299_999);
  expect(provider.find(token)?.username).toBe("a");
  provider.invalidateUser();
  provider.clear();
  expect(provider.find(token)?.username).toBe("a");
  clock.advance(1);
  expect(await found(provider, token)).toBeUndefined();
  const [header, , signature] = token.split(".");
  const other = Buffer.from('{"exp":9999999999,"revision":7,"username":"root"}').toString("base64url");
  expect(await found(provider, `${header}.${other}.${signature}`)).toBeUndefined();
});

test("AU4: a JWT with another method or key, or without what must be in it, is none", async () => {
  const clock = new VirtualClock();
  const provider = await jwt(`sign-method=RS256,priv-key=${RSA.private}`, clock);
  const others = [
    await jwt(`sign-method=RS384,priv-key=${RSA.private}`, clock),
    await jwt(`sign-method=RS256,priv-key=${OTHER_RSA.private}`, clock),
    await jwt(`sign-method=HS256,priv-key=${RSA.public}`, clock),
  ];
  for (const other of others) expect(await found(provider, await other.assign("a", 7))).toBeUndefined();
  const unsigned = ['{"alg":"none","typ":"JWT"}', '{"revision":7,"username":"root"}'].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  for (const token of [`${unsigned.join(".")}.`, "", "a.b.c", "abcdefghijklmnop.1"]) {
    expect(await found(provider, token)).toBeUndefined();
  }
});

test("AU4: JWTs that have ended take no room for long", async () => {
  const clock = new VirtualClock();
  const provider = await jwt(`sign-method=HS256,priv-key=${SECRET},ttl=1s`, clock);
  for (let count = 0; count < 1500; count++) {
    await found(provider, await provider.assign(`user ${count}`, 7));
    clock.advance(10);
  }
  expect(provider.size).toBeLessThan(1100);
});

interface Clients {
  readonly auth: Client<typeof Auth>;
  readonly kv: Client<typeof KV>;
}

async function clientsOf(url: string): Promise<Clients> {
  const transport = createGrpcTransport({ baseUrl: url });
  const clients = { auth: createClient(Auth, transport), kv: createClient(KV, transport) };
  await clients.auth.userAdd({ name: "root", password: "p" });
  await clients.auth.userGrantRole({ user: "root", role: "root" });
  await clients.auth.authEnable({});
  return clients;
}

async function liteWith(authToken: string, clock?: VirtualClock): Promise<Clients> {
  const server = await createServer({ authToken, bcryptCost: 4, ...(clock === undefined ? {} : { clock }) });
  onTestFinished(() => server.close());
  return await clientsOf(server.url);
}

async function login({ auth }: Clients): Promise<string> {
  return (await auth.authenticate({ name: "root", password: "p" })).token;
}

function put({ kv }: Clients, token: string): Promise<unknown> {
  return kv.put({ key: bytes("k") }, { headers: { token } });
}

test("AU4: a JWT opens calls and streams until users change, then it is old", async () => {
  const lite = await liteWith(`jwt,sign-method=HS256,priv-key=${SECRET}`);
  const token = await login(lite);
  const headers = { authorization: `Bearer ${token}` };
  await put(lite, token);
  for await (const { rangeResponse } of lite.kv.rangeStream({ key: bytes("k") }, { headers })) {
    expect(rangeResponse?.count).toBe(1n);
  }
  await lite.auth.roleAdd({ name: "r" }, { headers });
  await expectError(put(lite, token), "INVALID_ARGUMENT", "etcdserver: revision of auth store is old");
  await put(lite, await login(lite));
  await expectError(put(lite, `${token}x`), "UNAUTHENTICATED", "etcdserver: invalid auth token");
});

test("AU4: a JWT ends with the time of the server's clock", async () => {
  const clock = new VirtualClock();
  const lite = await liteWith(`jwt,sign-method=HS256,priv-key=${SECRET},ttl=1m`, clock);
  const token = await login(lite);
  clock.advance(58_000);
  await put(lite, token);
  clock.advance(3_000);
  await expectError(put(lite, token), "UNAUTHENTICATED", "etcdserver: invalid auth token");
});

test("AU4: with a public key alone tokens are known and none are made", async () => {
  const maker = await liteWith(`jwt,sign-method=EdDSA,priv-key=${ED.private}`);
  const lite = await liteWith(`jwt,sign-method=EdDSA,pub-key=${ED.public}`);
  await put(lite, await login(maker));
  await expectError(login(lite), "UNKNOWN", "auth: token signing attempted with verify-only key");
});

const METHODS: ReadonlyArray<readonly [method: string, options: string]> = [
  ...["HS256", "HS384", "HS512"].map((method) => [method, `priv-key=${SECRET}`] as const),
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map(
    (method) => [method, `priv-key=${RSA.private},pub-key=${RSA.public}`] as const,
  ),
  ...Object.entries(EC).map(([method, key]) => [method, `priv-key=${key.private},pub-key=${key.public}`] as const),
  ["EdDSA", `priv-key=${ED.private},pub-key=${ED.public}`],
];

const hasEtcd = findEtcd() !== undefined || toolsAreRequired();
if (!hasEtcd) console.log(`JWTs are not held against an etcd's: ${MISSING_ETCD}`);

describe.skipIf(!hasEtcd)("AU4: an etcd takes our JWTs and we take its", () => {
  test.each(METHODS)("%s", async (method, options) => {
    const authToken = `jwt,sign-method=${method},${options}`;
    const etcd = await startEtcd({ flags: ["--auth-token", authToken, "--bcrypt-cost=4"] });
    onTestFinished(() => etcd.stop());
    const [theirs, ours] = [await clientsOf(etcd.url), await liteWith(authToken)];
    const [theirToken, ourToken] = [await login(theirs), await login(ours)];
    await put(theirs, ourToken);
    await put(ours, theirToken);
    expect(claims(ourToken)).toEqual([claims(theirToken)].flat().map((part) => expect.stringContaining(shape(part))));
  });
});

/** All but the time, which may have gone on by a second. */
function shape(part: unknown): string {
  return String(part).replace(/^\{"exp":\d+,/, "");
}
