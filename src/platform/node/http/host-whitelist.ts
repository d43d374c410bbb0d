/**
 * etcd's `--host-whitelist`, against DNS rebinding: a page of a name that was made to point here sends that
 * name as its Host. Loopback addresses always pass, for no name stands behind them.
 */
import { isLoopbackIpv4 } from "./cors.ts";

export class HostWhitelist {
  /** Undefined if every host is welcome. */
  readonly #hosts: ReadonlySet<string> | undefined;

  /** @param hosts empty, or `*` among them, for every host */
  constructor(hosts: readonly string[]) {
    this.#hosts = hosts.length === 0 || hosts.includes("*") ? undefined : new Set(hosts);
  }

  /** @param host as in the header, with or without a port */
  allows(host: string | undefined): boolean {
    if (this.#hosts === undefined) return true;
    const name = hostname(host ?? "");
    return name === "::1" || isLoopbackIpv4(name) || this.#hosts.has(name);
  }
}

export function hostname(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  return match?.[1] ?? match?.[2] ?? host;
}

/** What a client is told whose Host is not welcome; etcd answers 421 with a text to this effect. */
export function unknownHostText(host: string): string {
  return `
etcdlite received your request, but the Host header was unrecognized.

To fix this, add the hostname you want to use to the whitelist:
  etcdlite --host-whitelist ${JSON.stringify(host)}

This requirement helps prevent "DNS rebinding" attacks (CVE-2018-5702).
`;
}
