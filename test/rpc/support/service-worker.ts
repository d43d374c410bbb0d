/** A store by URL: a service worker between a client that knows only fetch and the worker that owns the store. */
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn } from "@connectrpc/connect/protocol";
import { onTestFinished } from "vitest";
import { openStore, serveByServiceWorker } from "../../../src/platform/browser/index.ts";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { transportOver } from "./fetch-transport.ts";
import { pageWorker } from "./page-worker.ts";

/** See test/runtimes/chromium.config.ts. */
const SCRIPT = "/service-worker.js";

export async function serviceWorkerTransport(protocol: string, etcd: Partial<EtcdOptions>): Promise<Transport> {
  const store = await openStore({ name: `rules-${crypto.randomUUID()}`, etcd, ...pageWorker() });
  onTestFinished(() => store.close());
  const { baseUrl } = await serveByServiceWorker({ scriptUrl: SCRIPT, scope: "/", store });
  let cannot: string | undefined;
  onTestFinished(({ task }) => {
    if (cannot !== undefined) task.meta.cannot = cannot;
  });
  const client: UniversalClientFn = async ({ method, url, header, body, signal }) => {
    const { bytes, rest } = await whatIsThere(body);
    const late = new AbortController();
    // Browsers send a request as a whole.
    rest?.then(
      ({ done }) => {
        if (done === true) return;
        cannot = "browsers send a request as a whole, so that nothing more can follow its answer";
        late.abort(new ConnectError("a browser sends no more of a request", Code.Unimplemented));
      },
      () => {},
    );
    const either = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]);
    const left = (): void => {
      cannot ??= "Chromium does not tell a service worker of a page that leaves a call before its answer";
    };
    signal?.addEventListener("abort", left);
    const response = await fetch(url, { method, headers: header, body: bytes, signal: either });
    signal?.removeEventListener("abort", left);
    return { status: response.status, header: response.headers, body: chunksOf(response), trailer: new Headers() };
  };
  return transportOver(client, protocol, baseUrl);
}

/** What a client sends without waiting for an answer. */
async function whatIsThere(body: AsyncIterable<Uint8Array> | undefined): Promise<{
  readonly bytes: Blob;
  readonly rest: Promise<IteratorResult<Uint8Array>> | undefined;
}> {
  const chunks: BlobPart[] = [];
  const iterator = body?.[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator?.next();
    const chunk = await Promise.race([next, new Promise<undefined>((resolve) => setTimeout(resolve, 0))]);
    if (chunk === undefined || chunk.done === true) return { bytes: new Blob(chunks), rest: next };
    chunks.push(chunk.value as BlobPart);
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body;
}
