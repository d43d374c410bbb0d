/**
 * What goes over a port between a page and the worker that holds the store: HTTP, not RPC, so that deadlines,
 * errors and trailers are Connect's own. Each request has an ID; both bodies are streams with credit:
 *
 *     client                                      server
 *       open {method, url, header} ──────────────►
 *       data, data, … end          ──────────────►   at most the credit the reader gave
 *                                  ◄──────────────   head {status, header}
 *                                  ◄──────────────   data, data, … end {trailer}
 *       credit {bytes}             ◄────────────►    what the reader has taken
 *       cancel                     ──────────────►   the client has lost interest
 *                                  ◄──────────────   fail {message}: no reply, or no more of it
 *                                  ◄──────────────   farewell {accepted}: the last message of a server that goes
 *
 * A POST whose body is at hand, and a response that is, go whole, as one message each way:
 *
 *       call {url, header, body}   ──────────────►
 *                                  ◄──────────────   reply {status, header, body}
 *
 * Messages travel in batches (see outbox.ts).
 */
export type HeaderList = ReadonlyArray<readonly [string, string]>;

export interface OpenMessage {
  readonly type: "open";
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly header: HeaderList;
  /** Whether data and an end follow. */
  readonly hasBody: boolean;
}

export interface WholeRequest {
  readonly url: string;
  readonly header: HeaderList;
  readonly body: Uint8Array;
}

export interface WholeResponse {
  readonly status: number;
  readonly header: HeaderList;
  readonly body: Uint8Array;
}

export type CallMessage = WholeRequest & { readonly type: "call"; readonly id: number };

export type FromClient = OpenMessage | CallMessage | { readonly type: "cancel"; readonly id: number } | BodyMessage;

export type FromServer =
  | (WholeResponse & { readonly type: "reply"; readonly id: number })
  | { readonly type: "head"; readonly id: number; readonly status: number; readonly header: HeaderList }
  | { readonly type: "fail"; readonly id: number; readonly message: string }
  /** Nothing comes any more. Of the requests without an answer these were begun; the others never will be. */
  | { readonly type: "farewell"; readonly accepted: readonly number[] }
  | BodyMessage;

/** The same in both directions. */
export type BodyMessage =
  | { readonly type: "data"; readonly id: number; readonly body: Uint8Array }
  | { readonly type: "end"; readonly id: number; readonly trailer: HeaderList }
  | { readonly type: "credit"; readonly id: number; readonly bytes: number };

/** The part of a MessagePort, a BroadcastChannel or a worker that the bridge needs. Only some can transfer. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: PortListener): void;
  removeEventListener(type: "message", listener: PortListener): void;
}

export type PortListener = (event: { readonly data: unknown }) => void;

export function headerList(headers: Headers | undefined): HeaderList {
  return headers === undefined ? [] : [...headers.entries()];
}

export function headersOf(list: HeaderList): Headers {
  return new Headers(list as [string, string][]);
}
