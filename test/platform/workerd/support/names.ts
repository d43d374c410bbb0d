/** A store's name that carries its options, so that each test can have its own. */
import type { EtcdObjectOptions } from "../../../../src/platform/workerd/index.ts";

/** Of hosts that name a store. */
export const HOST_SUFFIX = ".etcd.example.com";

const BIGINT = /^-?\d+n$/;

export function nameWithOptions(name: string, options: EtcdObjectOptions): string {
  return `${name}?${JSON.stringify(options, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`;
}

export function optionsOfName(name = ""): EtcdObjectOptions {
  const json = name.slice(name.indexOf("?") + 1);
  if (!name.includes("?")) return {};
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === "string" && BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}
