/**
 * What runs in workerd under test: stores that take their options from their names, and a bare journal. A store is found
 * by the path; by the host under HOST_SUFFIX, and by the header where there is one.
 */

import { createWorker, etcdObject, type ObjectNamespace } from "../../../../src/platform/workerd/index.ts";
import { ObjectJournal } from "../../../../src/platform/workerd/journal.ts";
import type { ObjectState } from "../../../../src/platform/workerd/types.ts";
import { serveJournal } from "./journal-host.ts";
import { HOST_SUFFIX, nameWithOptions, optionsOfName } from "./names.ts";

interface Env {
  readonly STORES: ObjectNamespace;
  readonly JOURNALS: ObjectNamespace;
}

export class Store extends etcdObject((_, state) => optionsOfName(state.id.name)) {
  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/test/watchers") return super.fetch(request);
    return Response.json({ watchers: (await this.store()).etcd.watchers });
  }
}

/** A journal at the other end of HTTP. */
export class JournalHost {
  readonly fetch: (request: Request) => Promise<Response>;

  constructor(state: ObjectState & { abort(reason: string): void }) {
    const serve = serveJournal(() => new ObjectJournal(state.storage));
    this.fetch = (request) => {
      // Whatever is under way ends, and what is not durable is lost.
      if (new URL(request.url).pathname === "/crash") state.abort("crash");
      return serve(request);
    };
  }
}

const stores = createWorker<Env>({ objects: ({ STORES }) => STORES, route: { by: "path" } });
const byHost = createWorker<Env>({ objects: ({ STORES }) => STORES, route: { by: "host", suffix: HOST_SUFFIX } });
const byHeader = createWorker<Env>({ objects: ({ STORES }) => STORES, route: { by: "header" } });
const journals = createWorker<Env>({
  objects: ({ JOURNALS }) => JOURNALS,
  route: { by: "path", prefix: "/journals/" },
});

/** Least cost of a password: tests check many. */
const CHEAP = 4;

/** Opens a store for the tests of RPCs: see test/rpc/support/runtimes.ts. */
async function openForTest(request: Request): Promise<Response> {
  if (request.method === "DELETE") return new Response(null, { status: 204 });
  const { origin, pathname } = new URL(request.url);
  // The tests expect etcd's own quota.
  const etcd = { quotaBackendBytes: 2 ** 31, ...((await request.json()) as object) };
  const name = nameWithOptions(pathname.slice("/s/".length), { etcd, bcryptCost: CHEAP });
  return new Response(`${origin}/stores/${encodeURIComponent(name)}`);
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, hostname } = new URL(request.url);
    if (hostname.endsWith(HOST_SUFFIX)) return byHost.fetch(request, env);
    if (request.headers.has("etcdlite-store")) return byHeader.fetch(request, env);
    if (pathname.startsWith("/s/")) return openForTest(request);
    if (pathname.startsWith("/journals/")) return journals.fetch(request, env);
    return stores.fetch(request, env);
  },
};
