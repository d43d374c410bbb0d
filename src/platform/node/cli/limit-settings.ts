/** What the flags of limits say, as options of the server. */

import { ConfigError } from "../listen/urls.ts";
import type { ServerOptions } from "../server-options.ts";
import { LIMIT_FLAGS, type LimitFlag } from "./limit-flags.ts";
import type { Values } from "./values.ts";

/** Of HTTP/2. */
const NO_STREAM_LIMIT = 2 ** 32 - 1;

/** @throws ConfigError */
export function limitOptions(values: Values): Partial<ServerOptions> {
  const given = LIMIT_FLAGS.filter(({ name }) => values.has(name)).map((flag) => [flag.option, optionOf(flag, values)]);
  const options: Partial<ServerOptions> = Object.fromEntries(given);
  return options.maxConcurrentStreams === 0 ? { ...options, maxConcurrentStreams: NO_STREAM_LIMIT } : options;
}

function optionOf({ name, type, bounds }: LimitFlag, values: Values): number | undefined {
  const invalid = `invalid value ${JSON.stringify(values.text(name))} for --${name}`;
  if (type === "duration") {
    const ms = values.durationMs(name) ?? 0;
    if (ms >= 0) return ms;
    // To etcd, one below 0 is none.
    if (name === "grpc-keepalive-min-time") return 0;
    throw new ConfigError(`${invalid}: it must not be below 0`);
  }
  const value = values.number(name) ?? 0;
  const [least, most] = bounds ?? [0, Number.POSITIVE_INFINITY];
  if (value < least || value > most) throw new ConfigError(`${invalid}: it must be from ${least} to ${most}`);
  return value;
}
