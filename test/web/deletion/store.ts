/** A store of the test's own, in Node, with the page's clients. */
import { createGrpcTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";
import { textOf, utf8 } from "../../../web/src/store/bytes.ts";
import { type Clients, clientsOf } from "../../../web/src/store/clients.ts";

export interface OpenedStore {
  readonly clients: Clients;
  /** Puts keys whose values are their names. */
  readonly seed: (names: readonly string[]) => Promise<void>;
  /** A value as text; undefined where there is no such key. */
  readonly read: (name: string) => Promise<string | undefined>;
}

export async function openStore(): Promise<OpenedStore> {
  const server = await createServer();
  onTestFinished(() => server.close());
  const clients = clientsOf(createGrpcTransport({ baseUrl: server.url }));
  return {
    clients,
    seed: async (names) => {
      for (const name of names) await clients.kv.put({ key: utf8(name), value: utf8(name) });
    },
    read: async (name) => {
      const { kvs } = await clients.kv.range({ key: utf8(name) });
      return kvs[0] === undefined ? undefined : textOf(kvs[0].value);
    },
  };
}
