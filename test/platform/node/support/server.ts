/**
 * `createServer`, by whoever H2 says: see front.ts. With SERVERS=elsewhere in another runtime: see
 * elsewhere.ts, and test/runtimes/runtimes.ts.
 */
import {
  createServer as create,
  type EtcdliteServer,
  type ServerOptions,
} from "../../../../src/platform/node/index.ts";
import { createServerElsewhere } from "./elsewhere.ts";
import { H2 } from "./front.ts";

const { SERVERS, RULES_AGAINST, RULES_URL } = process.env;
const IS_ELSEWHERE = SERVERS === "elsewhere";

export const RUNTIME = IS_ELSEWHERE ? RULES_AGAINST : "node";

export function createServer(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const all = { h2: H2, ...options };
  return IS_ELSEWHERE ? createServerElsewhere(RULES_URL ?? "", all) : create(all);
}
