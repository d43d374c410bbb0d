/** The header `Grpc-Timeout`, as etcd's gateway reads it. */
import { EtcdError, Status } from "../../errors.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** setTimeout fires at once beyond this; 24 days are no deadline anyone waits for. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, 0 or less for a time that has passed; undefined for no limit. @throws EtcdError for nonsense */
export function timeoutOf(header: string | undefined): number | undefined {
  if (header === undefined || header === "") return undefined;
  const [, digits, unit = ""] = /^([+-]?\d+)(.)$/.exec(header) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw new EtcdError(Status.INVALID_ARGUMENT, `invalid grpc-timeout: ${header}`);
  const timeoutMs = Number(digits) * unitMs;
  return timeoutMs === 0 ? undefined : timeoutMs;
}
