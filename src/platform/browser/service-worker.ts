/**
 * For a page's service worker: `import { serveStores } from "etcdlite/browser/service-worker"`, and call it. From
 * then on a page that knows nothing of etcdlite reaches a store by URL, with connect-web or by hand.
 */
export { serveStores } from "./service-worker/serve.ts";
