/** The store behind a handler: in memory, or kept by a journal. */
import { type OpenedEtcd, openEtcd, randomSeed } from "../../driver/index.ts";
import type { Journal } from "../../journal/index.ts";
import { etcdServices, type ServiceOptions } from "../../rpc/index.ts";
import { Etcd, type EtcdOptions } from "../../server/index.ts";
import { browserClock } from "../browser/clock.ts";

export interface OpenStoreOptions {
  /** What keeps the store; closed with it. Default: it is in memory. */
  readonly journal?: Journal | undefined;
  readonly etcd?: Partial<EtcdOptions> | undefined;
  /** Of users and their tokens. */
  readonly services?: ServiceOptions | undefined;
  /** Told once, when the journal has failed: from then on every call fails as UNAVAILABLE. Default: the console. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

export type Store = Pick<OpenedEtcd, "etcd" | "bindings" | "close">;

/** @throws JournalError for rows that make no sense, EtcdError UNAVAILABLE where nothing can be written */
export async function openStore(options: OpenStoreOptions = {}): Promise<Store> {
  const { journal, services, onFailure = logFailure } = options;
  const etcdOptions = { clock: browserClock, ...options.etcd };
  if (journal !== undefined) return openEtcd({ options: etcdOptions, journal, services, onFailure });
  const etcd = new Etcd({ ...etcdOptions, hashSeed: etcdOptions.hashSeed ?? randomSeed() });
  return { etcd, bindings: etcdServices(etcd, services), close: async () => etcd.close() };
}

function logFailure(error: unknown): void {
  console.error("etcdlite: the storage failed, nothing more is accepted", error);
}
