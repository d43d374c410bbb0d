/** The header `Grpc-Timeout`, as etcd's gateway reads it. */
import { EtcdError, Status } from "../../errors.ts";
import { TIMEOUT_UNIT_MS } from "../timeout.ts";

/** Milliseconds, 0 or less for a time that has passed; undefined for no limit. @throws EtcdError for nonsense */
export function timeoutOf(header: string | undefined): number | undefined {
  if (header === undefined || header === "") return undefined;
  const [, digits, unit = ""] = /^([+-]?\d+)(.)$/.exec(header) ?? [];
  const unitMs = TIMEOUT_UNIT_MS[unit];
  if (unitMs === undefined) throw new EtcdError(Status.INVALID_ARGUMENT, `invalid grpc-timeout: ${header}`);
  const timeoutMs = Number(digits) * unitMs;
  return timeoutMs === 0 ? undefined : timeoutMs;
}
