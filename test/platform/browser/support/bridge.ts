/** The two ends of a bridge in one process. */
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalHandlerFn } from "@connectrpc/connect/protocol";
import { onTestFinished } from "vitest";
import { BridgeClient } from "../../../../src/platform/browser/bridge/client.ts";
import type { Port } from "../../../../src/platform/browser/bridge/messages.ts";
import { BridgeServer, type Route } from "../../../../src/platform/browser/bridge/server.ts";

export interface Bridge {
  readonly client: BridgeClient;
  readonly server: BridgeServer;
}

export function bridgeTo(routes: Readonly<Record<string, UniversalHandlerFn | Route>>): Bridge {
  const { port1, port2 } = new MessageChannel();
  const server = new BridgeServer((path) => {
    const route = routes[path];
    return typeof route === "function" ? { handler: route } : route;
  }, port2 as Port);
  const client = new BridgeClient(port1 as Port);
  port1.start();
  port2.start();
  onTestFinished(() => {
    client.close(new ConnectError("the test is over", Code.Unavailable));
    server.close();
    port1.close();
  });
  return { client, server };
}

/** A POST with a body of chunks. */
export function post(path: string, body?: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
  return { method: "POST", url: `http://store${path}`, header: new Headers(), body, signal };
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

export async function* chunks(...list: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* list;
}

/** Settles when what is under way between the two has come to rest: nothing new for some turns of the loop. */
export async function quiet(read: () => number): Promise<number> {
  for (let before = -1, same = 0; same < 5; ) {
    const now = read();
    same = now === before ? same + 1 : 0;
    before = now;
    await delay(1);
  }
  return read();
}
