/**
 * The page without a network: keeps the built files and serves them when their host cannot be reached.
 *
 *     the page itself    from the network; from the cache where that fails
 *     its files          from the cache: their names or versions are those of the page that asks
 *     everything else    not touched: RPCs go where they went
 *
 * A new build's worker takes over at once; what pages of the build before it may still ask for is kept until then.
 */

/** Paths from the worker's scope, and a name for all of them together: the build puts them in. */
interface Precache {
  readonly version: string;
  readonly files: readonly string[];
}

declare const __PRECACHE__: Precache;

interface ExtendableEvent {
  waitUntil(done: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** What of a service worker's global scope is used. */
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

const worker = globalThis as unknown as WorkerScope;
const { version, files } = __PRECACHE__;
const CACHE_PREFIX = `etcdlite ${worker.registration.scope} `;
const CACHE = `${CACHE_PREFIX}${version}`;
/** Of this build and the one before it. */
const KEPT_BUILDS = 2;

const urlOf = (file: string): string => new URL(file, worker.registration.scope).href;
const pageUrl = urlOf("index.html");
const fileUrls = new Set(files.map(urlOf));

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = request.url.replace(/[?#].*$/, "");
  if (url === pageUrl || url === worker.registration.scope) event.respondWith(page(request));
  else if (fileUrls.has(url)) event.respondWith(file(request, url));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the browser's own cache, where an older file may have the same name.
  await cache.addAll([...fileUrls].map((url) => new Request(url, { cache: "reload" })));
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX));
  const old = builds.filter((name) => name !== CACHE);
  await Promise.all(old.slice(0, Math.max(0, builds.length - KEPT_BUILDS)).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const held = await (await caches.open(CACHE)).match(pageUrl);
    if (held === undefined) throw error;
    return held;
  }
}

async function file(request: Request, url: string): Promise<Response> {
  const held = (await (await caches.open(CACHE)).match(url)) ?? (await caches.match(url));
  return held ?? (await fetch(request));
}
