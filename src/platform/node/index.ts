/** etcdlite in Node: `import { createServer } from "etcdlite/node"`. */
export { JournalError } from "../../journal/index.ts";
export type { Clock } from "../../server/index.ts";
export { SnapshotError } from "../../snapshot/index.ts";
export { ListenError } from "./listen/bind.ts";
export { ConfigError } from "./listen/urls.ts";
export type { Log, LogFields } from "./log.ts";
export { createServer, type EtcdliteServer } from "./server.ts";
export type { ServerOptions } from "./server-options.ts";
export type { Pem, TlsOptions, TlsVersion } from "./tls/options.ts";
