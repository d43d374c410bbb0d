/** A stop finishes what was accepted: writes are answered and kept, watches get their last events. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Watch, type WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { EtcdliteServer } from "../../../src/platform/node/index.ts";
import { GrpcClient } from "../../clients/grpc-js/client.ts";
import { EVERYTHING, putOf } from "../../rpc/support/ops.ts";
import { bytes, keys } from "../../rpc/support/show.ts";
import { createServer } from "./support/server.ts";

const UNAVAILABLE = expect.objectContaining({ code: Code.Unavailable, rawMessage: "etcdserver: server stopped" });

function clientsOf({ url }: EtcdliteServer) {
  const transport = createGrpcTransport({ baseUrl: url });
  return { kv: createClient(KV, transport), watch: createClient(Watch, transport) };
}

/** A watch of everything that has begun; what it gets, and how it ends. */
async function watchAll(server: EtcdliteServer, whenRead: () => Promise<void> = async () => {}) {
  const requests = async function* () {
    yield { requestUnion: { case: "createRequest" as const, value: EVERYTHING } };
    await new Promise(() => {});
  };
  const responses = clientsOf(server).watch.watch(requests())[Symbol.asyncIterator]();
  await responses.next();
  const got: string[] = [];
  const end = (async (): Promise<unknown> => {
    try {
      for (;;) {
        const { value } = (await responses.next()) as { readonly value: WatchResponse };
        got.push(...keys({ kvs: value.events.flatMap(({ kv }) => kv ?? []) }));
        await whenRead();
      }
    } catch (error) {
      return error;
    }
  })();
  return { got, end };
}

function put({ etcd }: EtcdliteServer, key: string, size = 1): void {
  etcd.put({ key, value: new Uint8Array(size), lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false });
}

test("WA8: a watch gets its last events, however many, before it ends", async () => {
  const server = await createServer({ closeGraceMs: 60_000 });
  const watches = await Promise.all([watchAll(server), watchAll(server)]);
  // More than one response may hold, and more than goes to a socket at once.
  const written = Array.from({ length: 5000 }, (_, at) => `k${String(at).padStart(5, "0")}`);
  for (const key of written) put(server, key, 1000);
  await server.close();
  for (const { got, end } of watches) {
    expect(await end).toEqual(UNAVAILABLE);
    expect(got).toEqual(written);
  }
});

test("a client that does not read is not waited for longer than the grace", async () => {
  const server = await createServer({ closeGraceMs: 50 });
  const stuck = await watchAll(server, () => new Promise(() => {}));
  for (let at = 0; at < 5000; at++) put(server, `k${at}`, 10_000);
  await server.close();
  expect(stuck.got.length).toBeLessThan(5000);
});

test.each(["engine", "node"] as const)("what was sent is answered, kept, and watched to its end: %s", async (h2) => {
  const dataDir = mkdtempSync(join(tmpdir(), "etcdlite-stop-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const first = await createServer({ dataDir, closeGraceMs: 60_000, h2 });
  const { got, end } = await watchAll(first);
  const { kv } = clientsOf(first);
  const answered = ["k"];
  // From here on the client knows how many calls it may send at once.
  await kv.put(putOf("k", "1"));
  const calls = Array.from({ length: 200 }, async (_, at) => {
    const key = `k${at}`;
    await kv.put(putOf(key, "1"));
    answered.push(key);
  });
  // Most of them are still in the socket, or on their way to it.
  while (first.etcd.store.revision < 10) await new Promise((resolve) => setImmediate(resolve));
  await first.close();
  await Promise.all(calls);
  expect(await end).toEqual(UNAVAILABLE);
  expect(first.etcd.store.revision - 1).toBe(1 + calls.length);
  expect([...got].sort()).toEqual([...answered].sort());

  const second = await createServer({ dataDir, closeGraceMs: 0 });
  onTestFinished(() => second.close());
  const kept = await clientsOf(second).kv.range({ key: bytes("k"), rangeEnd: bytes("l") });
  expect(keys(kept)).toEqual([...answered].sort());
});

test.each(["engine", "node"] as const)("while the server stops no call fails that it was sent: %s", async (h2) => {
  const server = await createServer({ closeGraceMs: 60_000, h2 });
  const client = new GrpcClient(server.url);
  onTestFinished(() => client.raw.close());
  let answered = 0;
  /** As one that makes a call as soon as it has the reply to another; returns why one has failed. */
  const callAgainAndAgain = async (): Promise<string> => {
    for (;;) {
      const { status } = await client.unary(KV.method.put, putOf("k", "1"));
      if (status.code !== 0) return status.details;
      answered++;
    }
  };
  const callers = Array.from({ length: 16 }, callAgainAndAgain);
  while (answered < 500) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  // Of a server that is not there any more, which is no answer of ours.
  for (const reason of await Promise.all(callers)) expect(reason).toContain("ECONNREFUSED");
  expect(server.etcd.store.revision - 1).toBe(answered);
});

test("after a stop nothing is accepted any more", async () => {
  const server = await createServer();
  const { kv } = clientsOf(server);
  await kv.put(putOf("k", "1"));
  await server.close();
  await expect(kv.put(putOf("late", "1"))).rejects.toThrow(ConnectError);
  expect(server.etcd.store.revision).toBe(2);
});
