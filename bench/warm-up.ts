/** Before the first row: puts and ranges on each server, enough for a compiler that learns from what runs. */
import { KV } from "../src/gen/etcdserverpb/kv_pb.ts";
import { exchange } from "./exchange.ts";
import { h2load } from "./loads/h2load.ts";
import { callOf } from "./protocols.ts";
import { bytes, fillerOf } from "./rows/client.ts";
import type { Started } from "./servers.ts";
import { hasH2load } from "./tools.ts";

const REQUESTS = 60_000;
const SHAPE = { connections: 8, streams: 32 };
const KEY = bytes("bench/warm-up");

const CALLS = [
  callOf("grpc", KV.method.put, { key: KEY, value: fillerOf(256) }, (reply) => reply.header !== undefined),
  callOf("grpc", KV.method.range, { key: KEY }, (reply) => reply.kvs.length === 1),
];

/** @param share of what a full run does */
export async function warmUp(servers: readonly Started[], share: number): Promise<void> {
  const [example] = servers;
  if (example === undefined || !hasH2load()) return;
  const replies = [];
  for (const call of CALLS) replies.push(await exchange(example, call));
  for (const server of servers) {
    await server.limit?.tell(CALLS, replies);
    for (const call of CALLS) {
      await h2load(server, call, await exchange(server, call), SHAPE, Math.ceil(REQUESTS * share));
    }
  }
}
