import { Code, ConnectError } from "@connectrpc/connect";
import { type OpenedEtcd, openEtcd } from "../../../driver/index.ts";
import { connectHandlers, nextTurn } from "../../../rpc/index.ts";
import { type Etcd, REQUEST_OVERHEAD_BYTES } from "../../../server/index.ts";
import type { Route } from "../bridge/server.ts";
import { browserClock } from "../clock.ts";
import { openStorage, type Storage, type StorageOptions, volatileStorage } from "../journal/storage.ts";
import type { EtcdSettings } from "../names.ts";
import { wholeCalls } from "./unary.ts";

export interface ContentOptions extends StorageOptions {
  readonly etcd: EtcdSettings;
}

/** An etcd on what is kept, and what answers its RPCs. */
export class Content {
  readonly storage: Storage;
  readonly #opened: OpenedEtcd;
  readonly #routes = new Map<string, Route>();
  readonly #shutdown = new AbortController();

  private constructor(storage: Storage, opened: OpenedEtcd) {
    this.storage = storage;
    this.#opened = opened;
    const { bindings, etcd } = opened;
    const maxMessageBytes = etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
    const mount = { bindings, maxMessageBytes, shutdownSignal: this.#shutdown.signal, onFault };
    const whole = wholeCalls(mount);
    for (const [path, handler] of connectHandlers(mount)) this.#routes.set(path, { handler, whole: whole(path) });
  }

  /** What cannot be read is left as it is, and the store begins anew in memory. */
  static async open(options: ContentOptions): Promise<Content> {
    const storage = await openStorage(options);
    try {
      return await openOn(storage, options);
    } catch (error) {
      if (storage.persistence === "memory" || options.replacement !== undefined) throw error;
      const reason = `what the browser keeps cannot be read (${String(error)})`;
      return await openOn(volatileStorage(options, reason), options);
    }

    async function openOn(storage: Storage, { etcd }: ContentOptions): Promise<Content> {
      const options = { clock: browserClock, ...etcd };
      return new Content(storage, await openEtcd({ options, journal: storage.journal }));
    }
  }

  get etcd(): Etcd {
    return this.#opened.etcd;
  }

  route(path: string): Route | undefined {
    return this.#routes.get(path);
  }

  /** @param reason what open streams end with */
  async close(reason: string): Promise<void> {
    this.#shutdown.abort(new ConnectError(reason, Code.Aborted));
    // For streams to end with that, and not with the etcd's own end.
    await nextTurn();
    await this.#opened.close();
  }
}

function onFault(path: string, error: unknown): void {
  console.error("etcdlite: a method failed", path, error);
}
