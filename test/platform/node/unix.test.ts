/** Unix sockets: etcd's forms of their URLs, and the files that are left when a server dies. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { EtcdliteServer, ServerOptions } from "../../../src/platform/node/index.ts";
import { parseListenUrl } from "../../../src/platform/node/listen/urls.ts";
import { certificateFiles } from "./support/certificates.ts";
import { hex } from "./support/raw.ts";
import { ca, serverPair } from "./support/secure.ts";
import { createServer } from "./support/server.ts";

async function start(options: ServerOptions): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A path that nothing is at. */
function freePath(): string {
  const folder = certificateFiles({});
  onTestFinished(() => folder.remove());
  return folder.path("etcd.sock");
}

function version(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: "/version", agent: false }, (response) => {
        response.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      })
      .on("error", reject);
  });
}

test.each([
  ["unix:///run/a.sock", "/run/a.sock"],
  ["unix:/run/a.sock", "/run/a.sock"],
  ["unix://localhost:2379", "localhost:2379"],
  ["unix://here/a.sock", "here/a.sock"],
  ["unixs:///run/a%20b?x#y", "/run/a b"],
])("TL7: %s is the file %s, as in etcd", (url, path) => {
  expect(parseListenUrl(url)).toMatchObject({ path, tls: url.startsWith("unixs") });
});

test("TL7: gRPC and HTTP are served at a file, which is gone when the server is closed", async () => {
  const path = freePath();
  const server = await start({ listenClientUrls: [`unix://${path}`, "http://127.0.0.1:0"] });
  expect(server.urls).toEqual([`unix://${path}`, expect.stringMatching(/^http:/)]);
  const transport = createGrpcTransport({
    baseUrl: "http://localhost",
    nodeOptions: { createConnection: () => net.connect(path) },
  });
  const kv = createClient(KV, transport);
  await kv.put({ key: hex("6b"), value: hex("76") });
  expect((await kv.range({ key: hex("6b") })).count).toBe(1n);
  expect(await version(path)).toContain("etcdserver");
  await server.close();
  expect(existsSync(path)).toBe(false);
});

test("TL7: unixs is TLS", async () => {
  const path = freePath();
  await start({ listenClientUrls: [`unixs://${path}`], tls: serverPair });
  const transport = createGrpcTransport({
    baseUrl: "https://localhost",
    nodeOptions: {
      createConnection: () => tls.connect({ path, ca: ca.cert, servername: "localhost", ALPNProtocols: ["h2"] }),
    },
  });
  await createClient(KV, transport).put({ key: hex("6b") });
  expect(await version(path)).toContain("Client sent an HTTP request to an HTTPS server");
});

test("TL7: one file may be both", async () => {
  const path = freePath();
  const server = await start({ listenClientUrls: [`unixs://${path}`, `unix://${path}`], tls: serverPair });
  expect(server.urls).toEqual([`unixs://${path}`, `unix://${path}`]);
  expect(await version(path)).toContain("etcdserver");
});

test("TL7: the socket of a process that died is taken over", async () => {
  const path = freePath();
  const dying = spawn(process.execPath, [
    "-e",
    `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log())`,
  ]);
  await once(dying.stdout, "data");
  dying.kill("SIGKILL");
  await once(dying, "close");
  expect(lstatSync(path).isSocket()).toBe(true);
  await start({ listenClientUrls: [`unix://${path}`] });
  expect(await version(path)).toContain("etcdserver");
});

test("TL7: one that is in use, and any other file, is left alone", async () => {
  const path = freePath();
  await start({ listenClientUrls: [`unix://${path}`] });
  await expect(createServer({ listenClientUrls: [`unix://${path}`] })).rejects.toThrow(
    `cannot listen on unix://${path}: address already in use`,
  );
  expect(await version(path)).toContain("etcdserver");
  const file = freePath();
  writeFileSync(file, "precious");
  await expect(createServer({ listenClientUrls: [`unix://${file}`] })).rejects.toThrow(
    "the file there is not a socket",
  );
  expect(lstatSync(file).size).toBe("precious".length);
  await expect(createServer({ listenClientUrls: ["unix:///no/such/folder/x"] })).rejects.toThrow(
    /there is no such folder|permission/,
  );
});
