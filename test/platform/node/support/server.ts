/** `createServer`, by whoever H2 and LEAN_WEB say: see front.ts. */
import {
  createServer as create,
  type EtcdliteServer,
  type ServerOptions,
} from "../../../../src/platform/node/index.ts";
import { H2, LEAN_WEB } from "./front.ts";

export function createServer(options: ServerOptions = {}): Promise<EtcdliteServer> {
  return create({ h2: H2, leanWeb: LEAN_WEB, ...options });
}
