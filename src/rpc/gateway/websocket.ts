/** What of a WebSocket's headers is the call's: the token alone, as browsers cannot set headers (rule HT3). */
import type { GatewayHeaders } from "./context.ts";

const BEARER = "Bearer";

export interface WebSocketHeaders {
  readonly host?: string | undefined;
  readonly cookie?: string | undefined;
  /** `sec-websocket-protocol`; the token is the second of them, behind `Bearer`. */
  readonly protocols?: string | undefined;
}

/** The headers of the call that a WebSocket carries: the token comes as a subprotocol or as the cookie `token`. */
export function webSocketCallHeaders({ host, cookie = "", protocols }: WebSocketHeaders): GatewayHeaders {
  const fromCookie = /(?:^|;)\s*token=("?)([^;"]*)\1\s*(?:;|$)/.exec(cookie)?.[2];
  if (fromCookie !== undefined) return { host, authorization: `${BEARER} ${fromCookie}` };
  if (protocols === undefined) return { host };
  const [, token] = protocols.split(`${BEARER},`, 2);
  return { host, authorization: token === undefined ? "" : `${BEARER} ${token.trim()}` };
}

/** The subprotocol that is agreed to, of those that the client names. */
export function webSocketProtocol(protocols: string | undefined): string | undefined {
  return protocols?.startsWith(BEARER) === true ? BEARER : undefined;
}
