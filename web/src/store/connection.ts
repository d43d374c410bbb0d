import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { BrowserStore } from "../../../src/platform/browser/index.ts";
import { Cell } from "../ui/cell.ts";
import { type Clients, clientsOf } from "./clients.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { background, RequestLog } from "./requestlog.ts";
import { Session } from "./session.ts";
import { deferred, layered } from "./transport.ts";

export interface ConnectionStatus {
  readonly phase: "connecting" | "ready" | "failed";
  /** etcd's version as Status gives it, `3.7.1`. */
  readonly version: string;
  readonly sizeBytes: number;
  /** Of the last attempt, while it is not ready. */
  readonly error: ConnectError | undefined;
}

const FIRST: ConnectionStatus = { phase: "connecting", version: "", sizeBytes: 0, error: undefined };
const STATUS_EVERY_MS = 15_000;
const RETRY_MS = 2_000;
const STATUS_TIMEOUT_MS = 5_000;

/** One store the page talks to, in this browser or on a server, until another takes its place. */
export class Connection {
  readonly endpoint: Endpoint;
  /** The endpoint as the URL has it. */
  readonly id: string;
  readonly transport: Transport;
  readonly clients: Clients;
  readonly requests: RequestLog;
  readonly session: Session;
  readonly status = new Cell<ConnectionStatus>(FIRST);
  /** The newest revision that any reply has told of; 0 before the first. */
  readonly revision = new Cell(0);
  /** Only for a store in this browser. */
  readonly browserStore: BrowserStore | undefined;
  /** Aborted when another takes its place: for what goes on by itself. */
  readonly ended: AbortSignal;
  readonly #end = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(endpoint: Endpoint, transport: Transport, browserStore?: BrowserStore) {
    this.endpoint = endpoint;
    this.id = formatEndpoint(endpoint);
    this.browserStore = browserStore;
    this.ended = this.#end.signal;
    this.requests = new RequestLog((revision) => {
      if (revision > this.revision.value) this.revision.set(revision);
    });
    this.session = new Session(this.id);
    this.transport = layered(transport, [this.session.interceptor, this.requests.interceptor]);
    this.clients = clientsOf(this.transport);
    // What a user did and saw is not for the next.
    this.session.epoch.subscribe(() => this.requests.forget());
    void this.check();
  }

  /** Asks for the status now, and again from time to time. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const reply = await this.clients.maintenance.status(
        {},
        { timeoutMs: STATUS_TIMEOUT_MS, contextValues: background },
      );
      const { version, dbSize } = reply;
      this.status.set({ phase: "ready", version, sizeBytes: Number(dbSize), error: undefined });
    } catch (error) {
      const known = ConnectError.from(error);
      // Whoever answers that a call is not permitted is there.
      const phase = known.code === Code.PermissionDenied ? "ready" : "failed";
      this.status.set({ ...this.status.value, phase, error: known });
    }
    if (this.ended.aborted) return;
    const waitMs = this.status.value.phase === "ready" ? STATUS_EVERY_MS : RETRY_MS;
    this.#timer = setTimeout(() => void this.check(), waitMs);
  }

  /** Whoever is signed in makes the calls from now on, those that were refused and wait too. */
  async signIn(user: string, password: string): Promise<void> {
    const { authenticate } = await import("./authenticate.ts");
    const renew = (): Promise<string> => authenticate(this.transport, user, password);
    this.session.accept({ user, token: await renew(), renew });
    void this.check();
  }

  signOut(): void {
    this.session.leave();
    void this.check();
  }

  close(): void {
    this.#end.abort();
    this.session.close();
    clearTimeout(this.#timer);
    void this.browserStore?.close();
  }
}

/**
 * The way to a store is fetched when it is taken: a page has one at a time. A server's connection is there at
 * once, as whether it answers is told by its status; a store in this browser has to be opened.
 * @throws Error by the promise, where a store in this browser cannot be opened
 */
export function connect(endpoint: Endpoint): Connection | Promise<Connection> {
  if (endpoint.kind === "browser") return openInBrowser(endpoint);
  const options = { baseUrl: endpoint.url };
  const load = async (): Promise<Transport> => {
    if (endpoint.protocol === "connect") {
      const { createConnectTransport } = await import("./connecttransport.ts");
      return createConnectTransport(options);
    }
    const { createGrpcWebTransport } = await import("./grpcwebtransport.ts");
    return createGrpcWebTransport(options);
  };
  return new Connection(endpoint, deferred(load()));
}

async function openInBrowser(endpoint: Endpoint & { readonly kind: "browser" }): Promise<Connection> {
  const { openStore } = await import("../../../src/platform/browser/index.ts");
  const store = await openStore({ name: endpoint.name });
  return new Connection(endpoint, store.transport, store);
}
