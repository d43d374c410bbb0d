import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { createServer } from "./support/server.ts";

/** node:http2 ends a connection after 1,000 frames on streams it has reset; 33 such calls were that many. */
const CALLS = 60;

test("a client may send what is too large again and again on one connection", async () => {
  await using server = await createServer();
  const client = createClient(KV, createGrpcTransport({ baseUrl: server.url }));
  const key = new Uint8Array([1]);
  const value = new Uint8Array(2 * 1024 * 1024 + 100);
  for (let call = 0; call < CALLS; call++) {
    const error = await client.put({ key, value }).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.ResourceExhausted });
  }
  await client.put({ key, value: key });
  expect((await client.range({ key })).count).toBe(1n);
});
