/** etcdlite on Cloudflare, a Durable Object for each store: `import { … } from "etcdlite/workerd"`. */
export { type EtcdObject, type EtcdObjectClass, etcdObject } from "./object.ts";
export type { EtcdObjectOptions } from "./options.ts";
export type { ObjectStore } from "./store.ts";
export type { ObjectNamespace, ObjectState } from "./types.ts";
export { createWorker, type Destination, type EtcdWorker, type Route, type WorkerOptions } from "./worker.ts";
