/**
 * Nothing of what clients or the operator keep secret is ever printed: a server at its most talkative is used over
 * every protocol, rightly and wrongly, and all that it has printed is searched for what it was told.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { startEtcdlite } from "../../support/etcdlite.ts";
import { RawSocket } from "./support/raw.ts";

const MAIN = join(import.meta.dirname, "..", "..", "..", "src", "platform", "node", "main.ts");

const PASSWORD = "pass-4fe1c0-word";
const WRONG_PASSWORD = "wrong-9d22e7-word";
const VALUE = "value-71bb3c-of-a-key";
const SIGNING_KEY = "signing-key-c05d18-of-more-than-32-bytes";
const BOGUS_TOKEN = "token-e8a6f4.payload.signature";
const COOKIE = "cookie-5b90d3-token";
const QUERY = "query-2c77a1-secret";
const SECRETS = [PASSWORD, WRONG_PASSWORD, VALUE, SIGNING_KEY, BOGUS_TOKEN, COOKIE, QUERY];

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Whatever comes of it. */
async function whatever(...calls: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(calls);
}

/** Secrets that a text has in it, in any writing that a log may have them in. */
function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => {
    const hex = Buffer.from(secret).toString("hex");
    // The part of base64 that is the same wherever in a longer text the secret begins.
    const shifts = ["", "x", "xx"].map((before) => base64(`${before}${secret}`).slice(4, -4));
    const lists = [...bytes(secret)].join(",");
    return [secret, encodeURIComponent(secret), hex, hex.toUpperCase(), lists, ...shifts].some((form) =>
      text.includes(form),
    );
  });
}

async function callRightly(transport: Transport, at: number): Promise<string> {
  const [auth, kv] = [createClient(Auth, transport), createClient(KV, transport)];
  const name = `user${at}`;
  // A token is old when users have changed.
  const signIn = async (): Promise<{ authorization: string }> => {
    const { token } = await auth.authenticate({ name: "root", password: PASSWORD });
    return { authorization: token };
  };
  await auth.userAdd({ name, password: PASSWORD }, { headers: await signIn() });
  await auth.userChangePassword({ name, password: WRONG_PASSWORD }, { headers: await signIn() });
  const headers = await signIn();
  await kv.put({ key: bytes("k"), value: bytes(VALUE) }, { headers });
  await kv.txn(
    {
      compare: [{ key: bytes("k"), targetUnion: { case: "value", value: bytes(VALUE) } }],
      success: [{ request: { case: "requestPut", value: { key: bytes("k"), value: bytes(VALUE) } } }],
    },
    { headers },
  );
  expect(Buffer.from((await kv.range({ key: bytes("k") }, { headers })).kvs[0]?.value ?? []).toString()).toBe(VALUE);
  return headers.authorization;
}

async function callWrongly(transport: Transport): Promise<void> {
  const [auth, kv] = [createClient(Auth, transport), createClient(KV, transport)];
  const put = { key: bytes("k"), value: bytes(VALUE) };
  const headers = { authorization: BOGUS_TOKEN, token: BOGUS_TOKEN };
  await whatever(
    auth.authenticate({ name: "root", password: WRONG_PASSWORD }),
    auth.authenticate({ name: PASSWORD, password: PASSWORD }),
    auth.userAdd({ name: "root", password: PASSWORD }, { headers }),
    kv.put(put),
    kv.put(put, { headers }),
    kv.put({ ...put, value: bytes(VALUE.repeat(100_000)) }),
    kv.put(put, { timeoutMs: 1 }),
    kv.put({ ...put, lease: 99n }, { headers: { "grpc-encoding": "zstd" } }),
  );
}

async function callByHand(url: string, token: string): Promise<void> {
  const json = (path: string, body: string, headers: Record<string, string> = {}): Promise<unknown> =>
    fetch(`${url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } }).then(
      (response) => response.text(),
    );
  const put = `{"key":"aw==","value":"${base64(VALUE)}"`;
  await whatever(
    json("/v3/auth/authenticate", `{"name":"root","password":"${PASSWORD}"}`),
    json("/v3/auth/authenticate", `{"name":"root","password":"${WRONG_PASSWORD}"}`),
    json("/v3/auth/authenticate", `{"name":"root","password":"${PASSWORD}`),
    json("/v3/auth/authenticate", `{"name":"root","passwort":"${PASSWORD}"} ${PASSWORD}`),
    json("/v3/kv/put", `${put}}`, { authorization: token }),
    json("/v3/kv/put", `${put}}`, { authorization: `Bearer ${BOGUS_TOKEN}`, cookie: `token=${COOKIE}` }),
    json("/v3/kv/put", `${put},"lease":"${VALUE}"}`, { authorization: token }),
    json(`/v3/kv/put?password=${QUERY}`, put, { "grpc-timeout": `${QUERY}S` }),
    json(`/etcdserverpb.KV/Put?token=${QUERY}`, put),
    json("/etcdserverpb.KV/Put", VALUE, { "content-type": `text/plain; x=${QUERY}` }),
    json("/etcdserverpb.KV/Put", VALUE, { "content-type": "application/grpc-web+proto" }),
    json("/v3/kv/put", put, { origin: "https://evil.example", authorization: BOGUS_TOKEN }),
    fetch(`${url}/health?serializable=${QUERY}`, { headers: { authorization: `Basic ${base64(PASSWORD)}` } }),
    fetch(`${url}/nothing?x=${QUERY}`, { headers: { cookie: `token=${COOKIE}` } }),
    ...[token, BOGUS_TOKEN].map((bearer) => overWebSocket(url, ["Bearer", bearer], put)),
  );
  const { port } = new URL(url);
  for (const garbage of [
    `${PASSWORD}\r\n\r\n`,
    `POST /v3/kv/put HTTP/1.1\r\nHost: localhost\r\nAuthorization ${BOGUS_TOKEN}\r\n\r\n`,
    `POST /v3/kv/put?${QUERY} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n${VALUE}`,
    `POST /v3/kv/put HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${VALUE}\r\n`,
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${VALUE}${PASSWORD}`,
    `\x16\x03\x01${PASSWORD}${VALUE}`,
  ]) {
    const socket = await RawSocket.connect(Number(port));
    await socket.send(garbage);
    socket.socket.end();
    await socket.closed;
  }
}

async function overWebSocket(url: string, protocols: string[], message: string): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v3/kv/put`, protocols, {
    headers: { cookie: `other=${COOKIE}` },
  });
  await new Promise<void>((resolve) => {
    socket.on("open", () => {
      socket.send(message);
      socket.send("}");
    });
    socket.on("message", () => socket.close());
    socket.on("close", () => resolve());
    socket.on("error", () => resolve());
  });
}

test.each(["json", "console"])("in logs of the form %s", { timeout: 120_000 }, async (format) => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [keyFile, logFile] = [join(folder, "jwt.key"), join(folder, "log")];
  writeFileSync(keyFile, SIGNING_KEY);
  const etcdlite = await startEtcdlite([
    ...["--log-level=debug", `--log-format=${format}`, `--log-outputs=stderr,${logFile}`],
    ...["--log-requests", "--warning-unary-request-duration=1ns", "--metrics=extensive"],
    ...[`--auth-token=jwt,sign-method=HS256,priv-key=${keyFile}`, "--bcrypt-cost=4", `--data-dir=${folder}/data`],
  ]);
  const { url } = etcdlite;
  const tokens: string[] = [];
  try {
    const auth = createClient(Auth, createGrpcTransport({ baseUrl: url }));
    await auth.userAdd({ name: "root", password: PASSWORD });
    await auth.roleAdd({ name: "root" });
    await auth.userGrantRole({ user: "root", role: "root" });
    await auth.authEnable({});
    const transports = [
      createGrpcTransport({ baseUrl: url }),
      createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" }),
      createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
      createConnectTransport({ baseUrl: url, httpVersion: "2", useBinaryFormat: false }),
    ];
    for (const [at, transport] of transports.entries()) tokens.push(await callRightly(transport, at));
    for (const transport of transports) await callWrongly(transport);
    await callByHand(url, tokens.at(-1) as string);
  } finally {
    await etcdlite.stop();
  }
  const printed = etcdlite.output() + readFileSync(logFile, "utf8");
  // It did talk: of each call a line at least.
  expect(printed).toContain("/etcdserverpb.Auth/Authenticate");
  expect(printed.split("\n").length).toBeGreaterThan(50);
  // Of a token its parts count, too: the claims are no secret, the signature is.
  const signatures = tokens.map((token) => token.split(".")[2] as string);
  expect(secretsIn(printed, [...SECRETS, ...tokens, ...signatures])).toEqual([]);
});

test("in what a start says that fails", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const key = file("key", SIGNING_KEY);
  const pem = file("pem", `-----BEGIN PRIVATE KEY-----\n${base64(SIGNING_KEY)}\n-----END PRIVATE KEY-----\n`);
  const yaml = file("yaml", `initial-cluster-token: ${PASSWORD}\nauth-token: [${SIGNING_KEY}\n`);
  const starts = [
    [`--auth-token=jwt,sign-method=RS256,priv-key=${key}`],
    [`--auth-token=jwt,sign-method=ES256,priv-key=${pem},pub-key=${pem}`],
    [`--cert-file=${pem}`, `--key-file=${pem}`, "--listen-client-urls=https://127.0.0.1:0"],
    [`--cert-file=${key}`, `--key-file=${key}`, "--listen-client-urls=https://127.0.0.1:0"],
    [`--config-file=${yaml}`],
    [`--from-snapshot=${key}`],
  ];
  const ends = await Promise.all(
    starts.map(
      (flags) =>
        new Promise<{ code: unknown; printed: string }>((resolve) => {
          execFile(process.execPath, [MAIN, "--log-level=debug", ...flags], (error, stdout, stderr) => {
            resolve({ code: error?.code, printed: stdout + stderr });
          });
        }),
    ),
  );
  for (const [at, { code, printed }] of ends.entries()) {
    const start = starts[at];
    expect({ start, code }).toEqual({ start, code: expect.any(Number) });
    expect(printed).toContain("etcdlite: ");
    expect(secretsIn(printed, SECRETS)).toEqual([]);
  }
});

test("the search finds what it looks for", () => {
  for (const form of [
    PASSWORD,
    base64(`{"${PASSWORD}`),
    Buffer.from(PASSWORD).toString("hex"),
    [...bytes(PASSWORD)].join(),
  ]) {
    expect(secretsIn(`level=debug body=${form}`, SECRETS)).toEqual([PASSWORD]);
  }
});
