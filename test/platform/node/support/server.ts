/** `createServer`, by whoever H2 says shall speak HTTP/2: see front.ts. */
import {
  createServer as create,
  type EtcdliteServer,
  type ServerOptions,
} from "../../../../src/platform/node/index.ts";
import { H2 } from "./front.ts";

export function createServer(options: ServerOptions = {}): Promise<EtcdliteServer> {
  return create({ h2: H2, ...options });
}
