/** What the tabs, workers and service workers of an origin say to one another, and by which names they meet. */
import type { EtcdOptions } from "../../server/index.ts";

/** What of an etcd's options makes sense in a page; the names and defaults are etcd's. */
export type EtcdSettings = Partial<
  Pick<
    EtcdOptions,
    | "name"
    | "maxTxnOps"
    | "maxRequestBytes"
    | "quotaBackendBytes"
    | "autoCompactionMode"
    | "autoCompactionRetentionMs"
    | "autoCompactionRetentionRevisions"
    | "watchProgressNotifyIntervalMs"
    | "minLeaseTtlSeconds"
  >
>;

export type Persistence = "indexeddb" | "opfs" | "memory";

/** Who serves the store now. */
export interface OwnerInfo {
  /** The worker's name. */
  readonly owner: string;
  /** Goes up with every owner, and with every change of the whole content. */
  readonly epoch: number;
  /** Changes when revisions begin anew: watches can only go on where they were in the same history. */
  readonly history: string;
  readonly persistence: Persistence;
  /** Why the store is in memory only, or what else is not as it should be. */
  readonly notice?: string;
}

/** On the store's channel, heard by all. */
export type Announcement =
  | { readonly type: "who" }
  | { readonly type: "owner"; readonly info: OwnerInfo }
  | { readonly type: "bye"; readonly owner: string }
  | { readonly type: "connect"; readonly owner: string; readonly guest: string };

/** On a channel of one guest and the owner, besides the bridge's batches. */
export interface Welcome {
  readonly type: "welcome";
}

/** From a page to its worker. */
export type ToWorker =
  | {
      readonly type: "start";
      readonly name: string;
      readonly persist: boolean;
      readonly etcd: EtcdSettings;
      readonly port: MessagePort;
    }
  /** In answer to `alive`; with the last owner that the page has heard of. */
  | { readonly type: "run"; readonly previous: OwnerInfo | undefined }
  | { readonly type: "close" };

/** From a worker to its page. */
export type FromWorker =
  | { readonly type: "alive"; readonly worker: string }
  | { readonly type: "owner"; readonly info: OwnerInfo }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "closed" };

/** Beside the RPCs' paths. */
export const TransferPath = {
  export: "/etcdlite/export",
  snapshot: "/etcdlite/snapshot",
  import: "/etcdlite/import",
  erase: "/etcdlite/erase",
} as const;

export function storeChannel(name: string): string {
  return `etcdlite/${name}`;
}

/** Who holds it owns the store's journal. */
export function ownerLock(name: string): string {
  return `etcdlite/${name}/owner`;
}

export function guestChannel(guest: string): string {
  return `etcdlite/guest/${guest}`;
}

/** For workers, guests and histories: nobody else has it. */
export function randomName(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}
