import { type BrowserStore, openStore } from "../../../src/platform/browser/index.ts";
import StoreWorker from "../../../src/platform/browser/worker.ts?worker&inline";
import { type ConsoleClients, consoleClients } from "../console/commands/command.ts";
import { Session } from "../console/session/session.ts";
import { utf8 } from "../store/bytes.ts";
import { clientsOf } from "../store/clients.ts";
import type { Content } from "./content.ts";
import { LiveKeys } from "./livekeys.ts";

/** An etcd of one element, in memory, with a console on it. */
export interface Playground {
  readonly clients: ConsoleClients;
  readonly session: Session;
  readonly keys: LiveKeys;
  close(): void;
}

export async function openPlayground(content: Content): Promise<Playground> {
  const store = await openStore({ persist: false, worker: () => new StoreWorker() });
  try {
    return await filled(store, content);
  } catch (error) {
    void store.close();
    throw error;
  }
}

async function filled(store: BrowserStore, { seed, watch }: Content): Promise<Playground> {
  const clients = consoleClients(clientsOf(store.transport), store.transport);
  for (const [key, value] of seed) await clients.kv.put({ key: utf8(key), value: utf8(value) });
  const session = new Session(clients, "playground");
  const keys = new LiveKeys(clients, watch === undefined ? undefined : utf8(watch));
  await keys.start();
  return {
    ...{ clients, session, keys },
    close: () => {
      session.close();
      keys.close();
      void store.close();
    },
  };
}
