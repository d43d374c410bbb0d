/// <reference types="vite/client" />
/** Where `npx etcdlite` listens, unless the environment says another URL in VITE_ETCD_URL. */
export const SERVER_URL: string = import.meta.env.VITE_ETCD_URL ?? "http://localhost:2379";
