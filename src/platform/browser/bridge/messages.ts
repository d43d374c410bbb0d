/**
 * What goes over a port between a page and the worker that holds the store: HTTP, not RPC, so that deadlines,
 * errors and trailers are Connect's own. Each request has an ID; both bodies are streams with credit:
 *
 *     page                                        worker
 *       open {method, url, header} ──────────────►
 *       data, data, … end          ──────────────►   at most the credit the reader gave
 *                                  ◄──────────────   head {status, header}
 *                                  ◄──────────────   data, data, … end {trailer}
 *       credit {bytes}             ◄────────────►    what the reader has taken
 *       cancel                     ──────────────►   the page has lost interest
 *                                  ◄──────────────   fail {message}: no reply, or no more of it
 */
export type HeaderList = ReadonlyArray<readonly [string, string]>;

export type FromPage =
  | {
      readonly type: "open";
      readonly id: number;
      readonly method: string;
      readonly url: string;
      readonly header: HeaderList;
      readonly hasBody: boolean;
    }
  | { readonly type: "cancel"; readonly id: number }
  | BodyMessage;

export type FromWorker =
  | { readonly type: "head"; readonly id: number; readonly status: number; readonly header: HeaderList }
  | { readonly type: "fail"; readonly id: number; readonly message: string }
  | BodyMessage;

/** The same in both directions. */
export type BodyMessage =
  | { readonly type: "data"; readonly id: number; readonly chunk: Uint8Array }
  | { readonly type: "end"; readonly id: number; readonly trailer: HeaderList }
  | { readonly type: "credit"; readonly id: number; readonly bytes: number };

/** Bytes a sender may have under way before the reader has taken any. */
export const INITIAL_CREDIT_BYTES = 256 * 1024;

/** The part of a MessagePort, a Worker or a worker's own scope that the bridge needs. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
