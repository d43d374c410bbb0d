/** Servers in another runtime, as if they were of this process: by a host, see test/runtimes/servers.ts. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { EtcdliteServer, Log, ServerOptions } from "../../../../src/platform/node/index.ts";
import type { Line, Refused, Started } from "../../../runtimes/servers.ts";

let lastServer = 0;

/**
 * What it says comes a little later than it is said.
 * @param host its URL
 */
export async function createServerElsewhere(host: string, { log, ...options }: ServerOptions): Promise<EtcdliteServer> {
  const control = `${host}/n/${process.pid}-${lastServer++}`;
  const reply = await fetch(control, { method: "PUT", body: JSON.stringify(options) });
  if (!reply.ok) {
    const { name, message } = (await reply.json()) as Refused;
    throw Object.assign(new Error(message), { name });
  }
  const started = (await reply.json()) as Started;
  if (log !== undefined) void follow(`${control}/log`, log);
  const close = async (): Promise<void> => {
    await (await fetch(control, { method: "DELETE" })).text();
  };
  // Its store is there, too.
  const etcd = undefined as unknown as EtcdliteServer["etcd"];
  return { ...started, etcd, close, [Symbol.asyncDispose]: close };
}

async function follow(url: string, log: Log): Promise<void> {
  const { body } = await fetch(url);
  for await (const text of createInterface({ input: Readable.fromWeb(body as ReadableStream) })) {
    const { level, message, fields } = JSON.parse(text) as Line;
    log[level](message, fields as Readonly<Record<string, unknown>> | undefined);
  }
}
