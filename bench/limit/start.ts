/** Starts the servers of constant bytes, and tells them what to say. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endProcess } from "../../test/support/etcd.ts";
import type { Call, Reply } from "../row.ts";

export interface ConstantReply {
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** In base64. */
  readonly body: string;
  /** For a reply to each request of that many bytes. */
  readonly requestBytes?: number;
}

export interface LimitServer {
  readonly url: string;
  readonly http1Url: string;
  readonly pid: number;
  tell(calls: readonly Call[], replies: readonly Reply[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param h2 engine for frames on node:net, node for node:http2 */
export async function startLimit(h2 = "engine"): Promise<LimitServer> {
  const child = fork(join(import.meta.dirname, "server.ts"), [h2]);
  const [ports] = (await once(child, "message")) as [{ http1: number; http2: number }];
  return {
    url: `http://127.0.0.1:${ports.http2}`,
    http1Url: `http://127.0.0.1:${ports.http1}`,
    pid: child.pid as number,
    async tell(calls, replies) {
      const told = calls.map((call, at) => [call.path, constantOf(call, replies[at] as Reply)]);
      child.send(Object.fromEntries(told));
      await once(child, "message");
    },
    stop: () => endProcess(child),
  };
}

/** A reply's headers less those that a server makes by itself. */
const MADE_BY_SERVER = new Set([":status", "date", "connection", "keep-alive", "content-length", "transfer-encoding"]);

function constantOf(call: Call, reply: Reply): ConstantReply {
  const headers = Object.entries(reply.headers).filter(([name]) => !MADE_BY_SERVER.has(name));
  return {
    headers: Object.fromEntries(headers),
    ...(Object.keys(reply.trailers).length > 0 && { trailers: reply.trailers }),
    body: Buffer.from(reply.body).toString("base64"),
    ...(call.repeated === true && { requestBytes: call.body.length }),
  };
}
