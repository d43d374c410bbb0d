/** etcdlite in a page: `import { openStore } from "etcdlite/browser"`. */
export type { EtcdSettings } from "./names.ts";
export { type ServiceWorkerOptions, serveByServiceWorker } from "./page/register.ts";
export { type BrowserStore, type OpenOptions, openStore, type StoreState } from "./store.ts";
