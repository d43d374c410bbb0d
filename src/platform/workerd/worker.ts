/** The Worker in front of the objects: it finds out which store a request is for, and hands it on. */
import type { ObjectNamespace, ObjectStub } from "./types.ts";

/** Where a request says which store it is for. */
export type Route =
  /** In its host: the name is the host without what it ends in, `a` for `a.etcd.example.com`. */
  | { readonly by: "host"; readonly suffix: string }
  /** In its path, behind the prefix: `/stores/a/etcdserverpb.KV/Range`. Default prefix `/stores/`. */
  | { readonly by: "path"; readonly prefix?: string }
  /** In a header. Default `etcdlite-store`. */
  | { readonly by: "header"; readonly header?: string }
  /** There is one store only, of this name. */
  | { readonly by: "name"; readonly name: string };

export interface Destination {
  readonly name: string;
  /** What the store sees of the path begins behind it. Default: nothing is taken away. */
  readonly prefix?: string;
}

export interface WorkerOptions<Env> {
  /** The binding to the class of objects. */
  readonly objects: (env: Env) => ObjectNamespace;
  /**
   * How the store is found. A function may look at what it likes; a Response in place of a destination is the
   * answer, of who may not for example. Every name is a store, begun with its first request.
   */
  readonly route: Route | ((request: Request, env: Env) => Found | Promise<Found>);
}

type Found = Destination | Response | undefined;

export interface EtcdWorker<Env> {
  fetch(request: Request, env: Env): Promise<Response>;
}

const DEFAULT_PREFIX = "/stores/";
const DEFAULT_HEADER = "etcdlite-store";
/** Longer ones are none. */
const MAX_NAME_LENGTH = 1024;

/**
 * A Worker's default export:
 *
 *     export default createWorker({ objects: (env: Env) => env.STORES, route: { by: "path" } });
 */
export function createWorker<Env>({ objects, route }: WorkerOptions<Env>): EtcdWorker<Env> {
  const find = typeof route === "function" ? route : (request: Request) => destinationOf(route, request);
  return {
    async fetch(request, env) {
      const found = await find(request, env);
      if (found instanceof Response) return found;
      if (found === undefined || found.name === "" || found.name.length > MAX_NAME_LENGTH) return noStore();
      const namespace = objects(env);
      return forward(namespace.get(namespace.idFromName(found.name) as never), request, found);
    },
  };
}

function destinationOf(route: Route, request: Request): Destination | undefined {
  const url = new URL(request.url);
  switch (route.by) {
    case "name":
      return { name: route.name };
    case "host": {
      const suffix = route.suffix.startsWith(".") ? route.suffix : `.${route.suffix}`;
      const name = url.hostname.endsWith(suffix) ? url.hostname.slice(0, -suffix.length) : "";
      return { name };
    }
    case "path": {
      const root = route.prefix ?? DEFAULT_PREFIX;
      if (!url.pathname.startsWith(root)) return undefined;
      const [segment = ""] = url.pathname.slice(root.length).split("/", 1);
      const name = decoded(segment);
      return name === undefined ? undefined : { name, prefix: root + segment };
    }
    case "header":
      return { name: request.headers.get(route.header ?? DEFAULT_HEADER) ?? "" };
  }
}

async function forward(stub: ObjectStub, request: Request, { prefix = "" }: Destination): Promise<Response> {
  try {
    if (prefix === "") return await stub.fetch(request);
    const url = new URL(request.url);
    url.pathname = url.pathname.slice(prefix.length) || "/";
    const response = await stub.fetch(new Request(url, request));
    const location = response.headers.get("location");
    if (location?.startsWith("/") !== true) return response;
    const headers = new Headers(response.headers);
    headers.set("location", prefix + location);
    return new Response(response.body, { status: response.status, headers });
  } catch (error) {
    // An object that is moved, or that has too much to do. What was under way may have happened, as with any server.
    console.error("etcdlite: the store did not answer", error);
    return new Response("etcdlite: the store did not answer, try again\n", { status: 503 });
  }
}

function noStore(): Response {
  return new Response("404 the request names no store\n", { status: 404 });
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
