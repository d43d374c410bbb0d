/** How a call says whose it is: by a token among its headers, else by the certificate of its connection. */
import { type ContextKey, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { LeanContext } from "./context.ts";

/**
 * The common name of the client's certificate, which may be empty, where client certificates are asked for and
 * this one was verified; undefined otherwise, and for calls that come through the JSON gateway. Whoever mounts
 * the services sets it; it is read only where auth is on and the call has no token.
 */
export const clientCommonName: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "common name of the client's certificate",
});

/** Where the client is, `ADDRESS:PORT`, for the log; undefined where that is not known. Set as the common name is. */
export const clientAddress: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "address of the client",
});

const TOKEN = "token";
const AUTHORIZATION = "authorization";
const BEARER = "Bearer ";
/** What the gateway of an etcd sends along: the certificate is then its own, and nobody's name. */
const FROM_GATEWAY = "grpcgateway-accept";

/** The token that the call carries, be it an empty one; undefined for none. */
export function tokenOf(context: HandlerContext): string | undefined {
  const sent = header(context, TOKEN) ?? header(context, AUTHORIZATION);
  // Of several the first counts, as for etcd: python-etcd3 sends its token twice, and HTTP joins them by commas.
  const token = sent?.split(",", 1)[0];
  return token?.startsWith(BEARER) === true ? token.slice(BEARER.length) : token;
}

/** The common name that stands for the call; undefined for none. */
export function commonNameOf(context: HandlerContext): string | undefined {
  const name = context.values.get(clientCommonName);
  return name === undefined || header(context, FROM_GATEWAY) !== undefined ? undefined : name;
}

function header(context: HandlerContext, name: string): string | undefined {
  const lean = context as Partial<Pick<LeanContext, "header">>;
  return lean.header === undefined ? (context.requestHeader.get(name) ?? undefined) : lean.header(name);
}
