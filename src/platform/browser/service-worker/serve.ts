/**
 * A service worker's part: RPCs that its pages send to a URL under its scope go to the tab that owns the store.
 *
 *     <scope>[/<store>]/<package.Service>/<Method>      POST, with the content type of Connect or gRPC-Web
 *
 * Whatever else the pages fetch is not touched, so other listeners, and the network, have it as before.
 */
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { Switchboard } from "../page/switchboard.ts";
import { lossOf } from "./loss.ts";

/** What of a service worker's global scope is used; its types are not a page's. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

interface ExtendableEvent {
  waitUntil(promise: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface Target {
  readonly store: string;
  readonly path: string;
}

const PATH = /^(?:([^/]+)\/)?((?:[a-z]\w*\.)+[A-Z]\w*\/[A-Z]\w*)$/;
const CONTENT_TYPE = /^application\/(?:proto|json|connect\+(?:proto|json)|grpc-web(?:\+(?:proto|json))?)(?:;|$)/;

/** Answers for the stores of this origin, in the pages of this service worker, from the first load on. */
export function serveStores(): void {
  const scope = globalThis as unknown as ServiceWorkerScope;
  const boards = new Map<string, Switchboard>();
  scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("fetch", (event) => {
    const target = targetOf(event.request, scope.registration.scope);
    if (target === undefined) return;
    const board = boards.get(target.store) ?? new Switchboard(target.store, () => {});
    boards.set(target.store, board);
    event.respondWith(forward(board, target.path, event.request));
  });
}

function targetOf({ url, method, headers }: Request, scope: string): Target | undefined {
  if (method !== "POST" || !url.startsWith(scope)) return undefined;
  const match = PATH.exec(new URL(url).pathname.slice(new URL(scope).pathname.length));
  if (match === null || !CONTENT_TYPE.test(headers.get("content-type") ?? "")) return undefined;
  const [, store = "default", path] = match;
  return { store: decodeURIComponent(store), path: `/${path}` };
}

/** The request comes whole, for that is how browsers send it; the response is passed on as it comes. */
async function forward(board: Switchboard, path: string, request: Request): Promise<Response> {
  const { method, headers, signal } = request;
  try {
    const body = createAsyncIterable([new Uint8Array(await request.arrayBuffer())]);
    const url = `http://etcdlite${path}`;
    const response = await board.fetch({ method, url, header: headers, body, signal });
    const { status, header } = response;
    return new Response(streamOf(response.body, header.get("content-type") ?? ""), { status, headers: header });
  } catch (error) {
    return new Response(String(error), { status: 503 });
  }
}

function streamOf(body: AsyncIterable<Uint8Array>, contentType: string): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const result = await iterator.next();
        if (result.done === true) controller.close();
        else controller.enqueue(result.value);
      } catch (error) {
        const loss = lossOf(contentType, error);
        if (loss === undefined) {
          controller.error(error);
          return;
        }
        controller.enqueue(loss);
        controller.close();
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
