/** What `--log-rotation-config-json` says, as Go and lumberjack read it. */
import { ConfigError } from "../listen/urls.ts";

export interface LogRotation {
  readonly maxSizeBytes: number;
  /** Files put aside, 0 for all. */
  readonly maxBackups: number;
  /** 0 for ever. */
  readonly maxAgeDays: number;
  /** In the names of files; else UTC. */
  readonly isLocalTime: boolean;
  readonly isCompressed: boolean;
}

const FLAG = "--log-rotation-config-json";
const MEGABYTE = 1024 * 1024;
/** What 0 stands for, and what etcd's default says. */
const DEFAULT_MEGABYTES = 100;

/** @throws ConfigError */
export function logRotation(text: string): LogRotation {
  const fields = fieldsOf(text);
  const megabytes = integer(fields, "maxsize");
  return {
    maxSizeBytes: (megabytes === 0 ? DEFAULT_MEGABYTES : megabytes) * MEGABYTE,
    maxBackups: integer(fields, "maxbackups"),
    maxAgeDays: integer(fields, "maxage"),
    isLocalTime: bool(fields, "localtime"),
    isCompressed: bool(fields, "compress"),
  };
}

/** Go does not mind how names are written. */
function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${FLAG} is not JSON: ${(error as Error).message}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new ConfigError(`${FLAG} is no object`);
  return new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]));
}

function integer(fields: ReadonlyMap<string, unknown>, name: string): number {
  const value = fields.get(name) ?? 0;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new ConfigError(`${FLAG}: ${name} is ${JSON.stringify(value)}, and an integer is needed`);
}

function bool(fields: ReadonlyMap<string, unknown>, name: string): boolean {
  const value = fields.get(name) ?? false;
  if (typeof value === "boolean") return value;
  throw new ConfigError(`${FLAG}: ${name} is ${JSON.stringify(value)}, and true or false is needed`);
}
