/** etcdlite in Node: `import { createServer } from "etcdlite/node"`. */
export type { Clock } from "../../server/index.ts";
export { ListenError } from "./listener.ts";
export type { Log, LogFields } from "./log.ts";
export { createServer, type EtcdliteServer, type ServerOptions } from "./server.ts";
export { ConfigError } from "./urls.ts";
