/**
 * Who asks, as a transcript's `@` names it, and the metadata that says so:
 *   3        the token in slot 3 of the side, see Login; no metadata while the slot is empty
 *   admin    the same: the slot that the lockstep keeps filled with a token of root while auth is on
 *   =text    this text as token
 *   !3  !=x  by the other header: `authorization` in gRPC, `Grpc-Metadata-Token` on the gateway
 *   ~3  ~=x  as `Bearer ...`
 */
export const ADMIN = "admin";

export type Channel = "grpc" | "http";

const HEADERS = {
  grpc: { usual: "token", other: "authorization" },
  http: { usual: "Authorization", other: "Grpc-Metadata-Token" },
} as const;

export function credentialHeaders(
  as: string | undefined,
  tokens: ReadonlyMap<string, string>,
  channel: Channel,
): Record<string, string> {
  if (as === undefined) return {};
  const [, form, isLiteral, name = ""] = /^([!~]?)(=?)(.*)$/.exec(as) ?? [];
  const token = isLiteral === "=" ? name : tokens.get(name);
  if (token === undefined) return {};
  const { usual, other } = HEADERS[channel];
  if (form === "~") return { authorization: `Bearer ${token}` };
  return { [form === "!" ? other : usual]: token };
}
