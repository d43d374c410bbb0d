/** The `grpc-timeout` header: up to eight digits and a unit. */

import { TIMEOUT_UNIT_MS } from "../../../rpc/index.ts";

/** Milliseconds, fractions included; or, for a header that is none, grpc-go's words for what is wrong. */
export function parseGrpcTimeout(header: string): number | { readonly error: string } {
  const quoted = JSON.stringify(header);
  if (header.length < 2) return { error: `transport: timeout string is too short: ${quoted}` };
  if (header.length > 9) return { error: `transport: timeout string is too long: ${quoted}` };
  const unitMs = TIMEOUT_UNIT_MS[header.at(-1) as string];
  if (unitMs === undefined) return { error: `transport: timeout unit is not recognized: ${quoted}` };
  const digits = header.slice(0, -1);
  if (!/^[0-9]+$/.test(digits)) {
    return { error: `strconv.ParseUint: parsing ${JSON.stringify(digits)}: invalid syntax` };
  }
  return Number(digits) * unitMs;
}
