import { createFetchHandler, type FetchHandler } from "../fetch/index.ts";
import type { EtcdObjectOptions } from "./options.ts";
import { Sockets } from "./sockets.ts";
import { type ObjectStore, openObjectStore } from "./store.ts";
import type { HibernatableSocket, ObjectState } from "./types.ts";

/** What a Durable Object has to be: the runtime makes one for each name that is asked for, and calls it. */
export interface EtcdObject {
  /** The store itself, for a class that extends this one; what it changes is kept when `durable` says so. */
  store(): Promise<ObjectStore>;
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
  webSocketMessage(socket: HibernatableSocket, message: string | ArrayBuffer): Promise<void>;
  webSocketClose(socket: HibernatableSocket, code: number, reason: string): Promise<void>;
  webSocketError(socket: HibernatableSocket): Promise<void>;
}

export type EtcdObjectClass<Env = unknown> = new (state: ObjectState, env: Env) => EtcdObject;

/** A store while it is awake, and what answers for it. */
interface Open {
  readonly store: ObjectStore;
  readonly handle: FetchHandler;
  readonly sockets: Sockets;
}

/**
 * The class of objects that are a store each: export it under the name that the configuration gives.
 *
 *     export const Store = etcdObject({ autoCompactionRetentionMs: 3_600_000 });
 *
 * @param options or what makes them of the Worker's environment
 */
export function etcdObject<Env = unknown>(
  options: EtcdObjectOptions | ((env: Env, state: ObjectState) => EtcdObjectOptions) = {},
): EtcdObjectClass<Env> {
  return class extends Base {
    constructor(state: ObjectState, env: Env) {
      super(state, typeof options === "function" ? options(env, state) : options);
    }
  };
}

class Base implements EtcdObject {
  readonly #state: ObjectState;
  readonly #options: EtcdObjectOptions;
  /** Undefined until the store is asked for, and again after a write has failed. */
  #opening: Promise<Open> | undefined;

  constructor(state: ObjectState, options: EtcdObjectOptions) {
    this.#state = state;
    this.#options = options;
  }

  async store(): Promise<ObjectStore> {
    return (await this.#open()).store;
  }

  async fetch(request: Request): Promise<Response> {
    let open: Open;
    try {
      open = await this.#open();
    } catch (error) {
      console.error("etcdlite: the store cannot be opened", error);
      return new Response(`etcdlite: the store cannot be opened: ${String(error)}\n`, { status: 503 });
    }
    const isWebSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    if (isWebSocket && this.#options.enableGrpcGateway !== false) return open.sockets.accept(request);
    return open.handle(request);
  }

  /** A lease has ended, or something else is due. Where it rejects, the runtime calls again. */
  async alarm(): Promise<void> {
    const { store } = await this.#open();
    store.clock.alarm();
    await store.durable();
  }

  async webSocketMessage(socket: HibernatableSocket, message: string | ArrayBuffer): Promise<void> {
    (await this.#open()).sockets.receive(socket, message);
  }

  async webSocketClose(socket: HibernatableSocket): Promise<void> {
    (await this.#opening)?.sockets.left(socket);
  }

  async webSocketError(socket: HibernatableSocket): Promise<void> {
    (await this.#opening)?.sockets.left(socket);
  }

  #open(): Promise<Open> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<Open> {
    const { cors = [], enableGrpcGateway } = this.#options;
    let sockets: Sockets | undefined;
    const store = await openObjectStore(this.#state.storage, this.#options, {
      failed: (error) => {
        console.error("etcdlite: a write failed, the store begins again with what is kept", error);
        this.#opening = undefined;
      },
      compacted: () => sockets?.compacted(),
    });
    sockets = new Sockets({ state: this.#state, store, cors });
    await sockets.restore();
    return { store, handle: createFetchHandler({ store, cors, enableGrpcGateway }), sockets };
  }
}
