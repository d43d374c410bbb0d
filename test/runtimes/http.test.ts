/** What HTTP the servers in Deno and Bun speak, as docs/runtimes.md has it; needs both. */
import http, { type ClientRequest } from "node:http";
import tls from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { Watch } from "../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { certificateFiles, makeCa } from "../platform/node/support/certificates.ts";
import { Queue } from "../rpc/support/queue.ts";
import { bytes } from "../rpc/support/show.ts";
import { isMissing, open, PATIENCE_MS, post, SERVERS, useHost } from "./hosts.ts";

/** Where it is Node's server that is asked. */
const IS_NODE = /-node$/;

const BUN_IDLE_MS = 10_000;

const ca = await makeCa();
const { cert, key } = await ca.issue({ hosts: ["localhost", "127.0.0.1"] });
const certificates = certificateFiles({ "server.pem": cert, "server-key.pem": key });
afterAll(() => certificates.remove());

const createWatch = (key: string): string => `{"create_request":{"key":"${btoa(key)}"}}\n`;
const putOf = (key: string): string => `{"key":"${btoa(key)}"}`;

interface Line {
  readonly result: { readonly created?: boolean; readonly events?: ReadonlyArray<{ kv: { key: string } }> };
}

/** A watch whose requests are sent one by one on HTTP/1.1. */
function openWatch(url: string): { readonly request: ClientRequest; next(): Promise<Line["result"]> } {
  const lines = new Queue<Line>();
  const request = http.request(`${url}/v3/watch`, { method: "POST", agent: false }, (response) => {
    let rest = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      const whole = (rest + chunk).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) lines.push(JSON.parse(line) as Line);
    });
    response.on("error", () => {});
  });
  onTestFinished(() => void request.on("error", () => {}).destroy());
  const taken = lines[Symbol.asyncIterator]();
  return { request, next: async () => ((await taken.next()).value as Line).result };
}

/** By one agent with one socket; whether it was one that had carried a request before. */
function isReused(url: string, agent: http.Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}/health`, { agent }, (response) => {
      response.resume().on("close", () => resolve(request.reusedSocket));
    });
    request.on("error", reject);
  });
}

describe.each(SERVERS)("$name", { timeout: PATIENCE_MS }, ({ name, command }) => {
  const [program = ""] = command;

  describe.skipIf(isMissing(program))("HTTP/1.1", () => {
    const host = useHost(command, "--data-dir");

    test("HT3: has the gateway's WebSockets, or says that it has none", async () => {
      const url = await open(host(), "websocket");
      const socket = new WebSocket(`${url.replace("http", "ws")}/v3/watch`);
      onTestFinished(() => socket.terminate());
      const told = await new Promise<string>((resolve) => {
        socket.on("open", () => socket.send(createWatch("a")));
        socket.on("message", (message) => resolve(String(message)));
        socket.on("error", ({ message }) => resolve(message));
      });
      expect(told).toContain(IS_NODE.test(name) ? '"created":true' : "501");
    });

    test("HT1: a connection carries several requests, of Node's server in Deno one", async () => {
      const url = await open(host(), "connections");
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      expect(await isReused(url, agent)).toBe(false);
      expect(await isReused(url, agent)).toBe(name !== "deno-node");
    });

    test("HT3: what follows the answer's beginning is read, but not by Deno's own server", async () => {
      const url = await open(host(), "following");
      const { request, next } = openWatch(url);
      request.write(createWatch("a"));
      expect(await next()).toMatchObject({ created: true });
      request.write(createWatch("b"));
      if (name !== "deno") {
        expect(await next()).toMatchObject({ created: true, watch_id: "1" });
        return;
      }
      for (const key of ["b", "a"]) await post(`${url}/v3/kv/put`, putOf(key));
      expect(await next()).toMatchObject({ events: [{ kv: { key: btoa("a") } }] });
    });

    test.each([
      ["gRPC-Web", createGrpcWebTransport],
      ["Connect", createConnectTransport],
    ])("answers %s, streams too", async (protocol, createTransport) => {
      const url = await open(host(), protocol);
      const transport = createTransport({ baseUrl: url, httpVersion: "1.1" });
      const left = new AbortController();
      const watch = createClient(Watch, transport).watch({ key: bytes("a") }, { signal: left.signal });
      const responses = watch[Symbol.asyncIterator]();
      expect((await responses.next()).value).toMatchObject({ created: true });
      await createClient(KV, transport).put({ key: bytes("a"), value: bytes("b") });
      expect((await responses.next()).value?.events).toHaveLength(1);
      left.abort();
      await expect(responses.next()).rejects.toThrow();
    });

    if (name !== "bun") return;

    test("HT3: a watch may have nothing to say for longer than Bun waits by default", async () => {
      const url = await open(host(), "quiet");
      const { request, next } = openWatch(url);
      request.end(createWatch("a"));
      expect(await next()).toMatchObject({ created: true });
      await new Promise((resolve) => setTimeout(resolve, BUN_IDLE_MS + 2000));
      await post(`${url}/v3/kv/put`, putOf("a"));
      expect(await next()).toMatchObject({ events: [{ kv: { key: btoa("a") } }] });
    });
  });

  describe.skipIf(isMissing(program))("TLS", () => {
    const host = useHost(command, `--tls=${certificates.path("")}`);

    test("TL1: agrees on HTTP/2 where the server has it", async () => {
      const { port } = new URL(await open(host(), "alpn"));
      const socket = tls.connect({
        host: "127.0.0.1",
        port: Number(port),
        ca: ca.cert,
        ALPNProtocols: ["h2", "http/1.1"],
      });
      onTestFinished(() => void socket.destroy());
      await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
      expect(socket.alpnProtocol === "h2").toBe(name !== "bun");
    });

    test("TL1: answers gRPC-Web and Connect, by each version it has", async () => {
      const baseUrl = await open(host(), "calls");
      const nodeOptions = { ca: ca.cert };
      for (const httpVersion of name === "bun" ? (["1.1"] as const) : (["1.1", "2"] as const)) {
        for (const createTransport of [createGrpcWebTransport, createConnectTransport]) {
          const kv = createClient(KV, createTransport({ baseUrl, httpVersion, nodeOptions } as never));
          await kv.put({ key: bytes("ä"), value: bytes("ö") });
          expect((await kv.range({ key: bytes("ä") })).kvs[0]?.value).toEqual(bytes("ö"));
        }
      }
    });
  });
});
