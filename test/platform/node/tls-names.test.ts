/** Whose a call is by the certificate of its connection. */
import { create } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { Auth, AuthRoleGrantPermissionRequestSchema } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { ServerOptions } from "../../../src/platform/node/index.ts";

import type { Issued } from "./support/certificates.ts";
import { alice, ca, getHttp1, getHttp2, type SecureServer, startSecure } from "./support/secure.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const root = await ca.issue({ commonName: "root", client: true });
const nameless = await ca.issue({ client: true });

function over(url: string, client: Issued): Transport {
  return createGrpcTransport({ baseUrl: url, nodeOptions: { ca: ca.cert, cert: client.cert, key: client.key } });
}

/** Auth is on; alice may read and write `k`. */
async function startAuth(options: ServerOptions = {}): Promise<SecureServer> {
  const server = await startSecure({
    ...options,
    bcryptCost: 4,
    tls: { trustedCa: ca.cert, clientCertAuth: true, ...options.tls },
  });
  const auth = createClient(Auth, over(server.url, root));
  await auth.userAdd({ name: "root", password: "r" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.userAdd({ name: "alice", options: { noPassword: true } });
  await auth.roleAdd({ name: "keeper" });
  await auth.roleGrantPermission(
    create(AuthRoleGrantPermissionRequestSchema, {
      name: "keeper",
      perm: { permType: Permission_Type.READWRITE, key: bytesOf("k") },
    }),
  );
  await auth.userGrantRole({ user: "alice", role: "keeper" });
  await auth.authEnable({});
  return server;
}

type Make = (options: never) => Transport;
const transports: [string, Make, object][] = [
  ["gRPC", createGrpcTransport, {}],
  ["gRPC-Web over HTTP/1.1", createGrpcWebTransport, { httpVersion: "1.1" }],
  ["gRPC-Web over HTTP/2", createGrpcWebTransport, { httpVersion: "2" }],
  ["Connect over HTTP/1.1", createConnectTransport, { httpVersion: "1.1" }],
  ["Connect over HTTP/2", createConnectTransport, { httpVersion: "2" }],
];

test.each(transports)("TL5: by %s the common name is the user", async (_, make, options) => {
  const { url } = await startAuth();
  const nodeOptions = { ca: ca.cert, cert: alice.cert, key: alice.key };
  const kv = createClient(KV, make({ ...options, baseUrl: url, nodeOptions } as never));
  await kv.put({ key: bytesOf("k"), value: bytesOf("v") });
  await expect(kv.put({ key: bytesOf("other") })).rejects.toThrow("etcdserver: permission denied");
});

test("TL5: a name that no user has may do nothing", async () => {
  const { url } = await startAuth();
  const stranger = createClient(KV, over(url, await ca.issue({ commonName: "nobody", client: true })));
  await expect(stranger.range({ key: bytesOf("k") })).rejects.toThrow("etcdserver: permission denied");
});

test("TL5: without --client-cert-auth a certificate is no name", async () => {
  const server = await startAuth({ listenClientUrls: ["https://127.0.0.1:0"], tls: { clientCertAuth: true } });
  const other = await startSecure({ tls: { trustedCa: ca.cert } });
  await createClient(KV, over(other.url, alice)).range({ key: bytesOf("k") });
  await expect(createClient(KV, over(server.url, nameless)).range({ key: bytesOf("k") })).rejects.toThrow(
    "etcdserver:",
  );
});

test("TL5: the gateway refuses a certificate with a name while auth is on, in etcd's words", async () => {
  const { url } = await startAuth();
  const request = { path: "/v3/kv/range", body: '{"key":"aw=="}' };
  for (const get of [getHttp1, getHttp2]) {
    expect(await get(url, { ...request, client: alice })).toBe(
      "CommonName of client sending a request against gateway will be ignored and not used as expected\n",
    );
    expect(await get(url, { ...request, path: "/v3beta/kv/range", client: alice })).toMatch(/^CommonName of client/);
    expect(await get(url, { client: alice })).toContain("etcdserver");
    expect(JSON.parse(await get(url, { ...request, client: nameless }))).toMatchObject({ code: 3 });
  }
});

test("TL5: with auth off it takes one", async () => {
  const { url } = await startSecure({ tls: { trustedCa: ca.cert, clientCertAuth: true } });
  const reply = await getHttp1(url, { path: "/v3/kv/range", body: '{"key":"aw=="}', client: alice });
  expect(JSON.parse(reply)).toHaveProperty("header");
});
