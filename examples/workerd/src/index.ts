import { createWorker, etcdObject, type ObjectNamespace } from "etcdlite/workerd";

interface Env {
  readonly STORES: ObjectNamespace;
}

/** Each object is a store: keeps an hour of history. */
export class Store extends etcdObject({ autoCompactionRetentionMs: 60 * 60 * 1000 }) {}

/** `/stores/NAME/…` leads to the store NAME, which begins with its first request. */
export default createWorker<Env>({
  objects: ({ STORES }) => STORES,
  route: { by: "path", prefix: "/stores/" },
});
