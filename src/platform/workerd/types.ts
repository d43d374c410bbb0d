/**
 * What of Cloudflare's runtime is used, and no more: so no package of types is needed, and what a newer one adds
 * makes no difference.
 */

/** A Durable Object's view of itself. */
export interface ObjectState {
  /** With the name that it was asked for by. */
  readonly id: { readonly name?: string };
  readonly storage: ObjectStorage;
  /** Takes a WebSocket that stays open while the object sleeps. */
  acceptWebSocket(socket: HibernatableSocket): void;
  /** Those taken so, from before a sleep too. */
  getWebSockets(): HibernatableSocket[];
}

export interface ObjectStorage {
  readonly sql: SqlStorage;
  /** Runs it as one transaction, which is taken back if it throws. */
  transactionSync<T>(run: () => T): T;
  /** Settles when all that was written will outlast a crash. */
  sync(): Promise<void>;
  /** Has `alarm` called then, be the object asleep or not; there is one alarm, the last one set. */
  setAlarm(atMs: number): Promise<void>;
  getAlarm(): Promise<number | null>;
}

export interface SqlStorage {
  exec(query: string, ...bindings: ReadonlyArray<SqlValue | Uint8Array>): SqlCursor;
}

export type SqlValue = ArrayBuffer | string | number | null;

export interface SqlCursor {
  /** Rows as arrays of their columns. */
  raw(): IterableIterator<SqlValue[]>;
}

/** The server's end of a WebSocket, which keeps its object awake. */
export interface PlainSocket {
  accept(): void;
  send(message: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: string | ArrayBuffer }) => void): void;
  addEventListener(type: "close", listener: () => void): void;
}

/** The same, to be taken by the object. */
export interface HibernatableSocket extends PlainSocket {
  /** Kept while the object sleeps: what structured clone takes, up to 16 KiB. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** A binding to a class of objects, `durable_objects` in the configuration. */
export interface ObjectNamespace {
  idFromName(name: string): unknown;
  get(id: never): ObjectStub;
}

export interface ObjectStub {
  fetch(request: Request): Promise<Response>;
}

/** What the runtime has beside what every fetch runtime has. Not declared as global: its own types may be there, too. */
export interface WorkerGlobals {
  readonly WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: HibernatableSocket };
}

/** With status 101: the client's end. */
export interface UpgradeInit extends ResponseInit {
  readonly webSocket: WebSocket;
}
