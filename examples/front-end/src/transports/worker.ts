/** An etcd in this page: no server, kept in the browser, shared by its tabs. */
import { openStore } from "etcdlite/browser";

export const { transport } = await openStore();
