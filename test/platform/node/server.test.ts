/** The library: servers in a process, their addresses and IDs, and how they close. */
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import * as grpc from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { memberIds } from "../../../src/platform/node/ids.ts";
import type { EtcdliteServer, ServerOptions } from "../../../src/platform/node/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { frame, hex, PUT, RawClient, RawSocket, WATCH } from "./support/raw.ts";
import { createServer } from "./support/server.ts";

const PUT_K_V = frame(hex("0a016b 120176"));
const CREATE_WATCH = frame(hex("0a03 0a016b"));

async function start(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

const clientUrls = async ({ url }: EtcdliteServer): Promise<string[]> => {
  const { members } = await createClient(Cluster, createConnectTransport({ baseUrl: url })).memberList({});
  return members.flatMap((member) => member.clientURLs);
};

test("servers in one process share nothing", async () => {
  const [one, two] = [await start(), await start()];
  expect(one.url).not.toBe(two.url);
  const kv = ({ url }: EtcdliteServer) => createClient(KV, createConnectTransport({ baseUrl: url }));
  await kv(one).put({ key: hex("6b"), value: hex("31") });
  expect((await kv(one).range({ key: hex("6b") })).count).toBe(1n);
  expect((await kv(two).range({ key: hex("6b") })).count).toBe(0n);
  await one.close();
  expect((await kv(two).range({ key: hex("6b") })).header?.revision).toBe(1n);
});

test("the store behind a server is at hand", async () => {
  const server = await start();
  await (await RawClient.connect(server.url)).call({ chunks: [PUT_K_V] });
  expect(server.etcd.store.revision).toBe(2);
});

test("a default server has the IDs of a default etcd", async () => {
  expect(memberIds(["http://localhost:2380"], "etcd-cluster")).toEqual({
    memberId: 0x8e9e05c52164694dn,
    clusterId: 0xcdf818194e3a8c32n,
  });
  const { options } = (await start()).etcd;
  expect(options).toMatchObject({ memberId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n, name: "default" });
});

test("peer URLs, in any order, and the token decide the IDs, as in etcd", async () => {
  // Recorded from etcd 3.7.1 with these flags.
  const ids = { memberId: 0x0ea229500e9b08a8n, clusterId: 0x24fd5906e5b88fd3n };
  const urls = ["http://127.0.0.1:12380", "http://127.0.0.1:12381"];
  expect(memberIds(urls, "token-1")).toEqual(memberIds([...urls].reverse(), "token-1"));
  expect(memberIds(urls, "token-1")).toEqual(ids);
  expect(memberIds(urls, "token-2")).not.toEqual(ids);
});

test("clients are told where it listens, or what they are to be told", async () => {
  const server = await start();
  expect(await clientUrls(server)).toEqual([server.url]);
  const everywhere = await start({ listenClientUrls: ["http://0.0.0.0:0"] });
  expect(await clientUrls(everywhere)).toEqual([everywhere.url.replace("0.0.0.0", "127.0.0.1")]);
  const told = await start({ advertiseClientUrls: ["http://etcd.example:2379", "https://other:1"] });
  expect(await clientUrls(told)).toEqual(["http://etcd.example:2379", "https://other:1"]);
});

test.each([
  ["ftp://127.0.0.1:1", "URL scheme must be http, https, unix, or unixs: ftp://127.0.0.1:1"],
  ["127.0.0.1:1", "URL scheme must be http, https, unix, or unixs: 127.0.0.1:1"],
  ["https://127.0.0.1:1", "TLS needs a certificate and its key: --cert-file and --key-file, or --auto-tls"],
  ["unix://", "URL must name the file of the socket: unix://"],
  ["http://127.0.0.1:1/", "URL must not contain a path: http://127.0.0.1:1/"],
  ["http://127.0.0.1", 'URL address does not have the form "host:port": http://127.0.0.1'],
  ["http://127.0.0.1:65536", 'URL address does not have the form "host:port": http://127.0.0.1:65536'],
  ["http://127.0.0.1:1/x", "URL must not contain a path: http://127.0.0.1:1/x"],
  ["http://example.com:1", "expected IP in URL for binding (http://example.com:1)"],
])("%s is no URL to listen on", async (url, message) => {
  await expect(createServer({ listenClientUrls: [url] })).rejects.toMatchObject({ name: "ConfigError", message });
});

test("time is the caller's, if it wants", async () => {
  const clock = new VirtualClock();
  const server = await start({ clock });
  const client = await RawClient.connect(server.url);
  // LeaseGrant of TTL 10, ID 7.
  const grant = await client.call({ path: "/etcdserverpb.Lease/LeaseGrant", chunks: [frame(hex("080a 1007"))] });
  expect(grant.code).toBe(0);
  clock.advance(9_999);
  expect(server.etcd.leases()).toHaveLength(1);
  clock.advance(2);
  expect(server.etcd.leases()).toHaveLength(0);
});

test("close ends watches with UNAVAILABLE and every connection, at once", async () => {
  const server = await createServer({ closeGraceMs: 60_000 });
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.url)));
  const watches = clients.flatMap((client) =>
    [1, 2, 3].map(() => client.start({ path: WATCH, chunks: [CREATE_WATCH], end: false })),
  );
  await Promise.all(watches.map((watch) => watch.messages(1)));
  const silent = await RawSocket.connect(Number(new URL(server.url).port));
  const page = await fetch(server.url);
  await page.text();
  const gone = Promise.all(clients.map(({ session }) => new Promise((resolve) => session.once("close", resolve))));
  await server.close();
  for (const watch of watches) {
    expect(await watch.reply).toMatchObject({ code: 14, message: "etcdserver: server stopped", resetCode: 0 });
  }
  await gone;
  expect(await silent.closed).toBe("");
  await expect(RawClient.connect(server.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a gRPC library sees the stop as UNAVAILABLE, not as a broken connection", async () => {
  const server = await createServer();
  const client = new grpc.Client(server.url.slice("http://".length), grpc.credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(WATCH, same, same, new grpc.Metadata());
  call.write(hex("0a03 0a016b"));
  await new Promise((resolve) => call.once("data", resolve));
  const ended = new Promise<grpc.ServiceError>((resolve) => call.once("error", resolve));
  await server.close();
  expect(await ended).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "etcdserver: server stopped" });
  client.close();
});

test("a client that does not take its last answer is cut when the grace is over", async () => {
  const server = await createServer({ closeGraceMs: 20 });
  const client = await RawClient.connect(server.url, { initialWindowSize: 0 });
  // Without a window nothing of the reply can be sent.
  const stuck = client.start({ chunks: [PUT_K_V] });
  await new Promise((resolve) => stuck.stream.once("response", resolve));
  await server.close();
  expect((await stuck.reply).code).toBeUndefined();
});

test("close may be called again, and at the end of a block", async () => {
  let url: string;
  {
    await using server = await createServer();
    url = server.url;
    expect((await (await RawClient.connect(url)).call({ path: PUT, chunks: [PUT_K_V] })).code).toBe(0);
    await Promise.all([server.close(), server.close()]);
  }
  await expect(RawClient.connect(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
