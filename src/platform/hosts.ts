/**
 * By which names a store may be asked for, whatever carries the request: etcd's `--host-whitelist`, against DNS
 * rebinding. A page of a name that was made to point here sends that name as its Host, and to its browser everything
 * it asks for is its own.
 *
 *     a list    what is on it, and IPv4's and IPv6's loopback addresses, as in etcd: 421 for others
 *     *         every name
 *     nothing   every name, but not where it is reached on a loopback address: there only those that no stranger can
 *               have pointed at it (addresses, `localhost`, names without a dot): 403 for others
 */
export interface HostRefusal {
  readonly status: 403 | 421;
  readonly host: string;
  readonly text: string;
}

/** How a host is put on the list. */
export type ListHost = (host: string) => string;

const FORBIDDEN = 403;
const MISDIRECTED = 421;
const LOOPBACK_IPV4 = /^127(?:\.\d{1,3}){3}$/;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f.]*:[\da-f:.]*)$/;

export class Hosts {
  /** Undefined for the default. */
  readonly #listed: ReadonlySet<string> | undefined;
  readonly #any: boolean;
  readonly #howToList: ListHost;

  /** @param listed empty for the default, `*` among them for every host */
  constructor(listed: readonly string[], howToList: ListHost) {
    this.#listed = listed.length === 0 ? undefined : new Set(listed);
    this.#any = listed.includes("*");
    this.#howToList = howToList;
  }

  /**
   * Why the request is not served; undefined if it is.
   * @param host as in the header, with or without a port; empty where there is none, so from no browser
   */
  refusal(host: string, isOnLoopback: boolean): HostRefusal | undefined {
    if (this.#any) return undefined;
    const name = hostnameOf(host);
    if (this.#listed !== undefined) {
      const isWelcome = name === "::1" || LOOPBACK_IPV4.test(name) || this.#listed.has(name);
      return isWelcome ? undefined : { status: MISDIRECTED, host: name, text: this.#unknown(name) };
    }
    if (!isOnLoopback || isUnownable(name)) return undefined;
    return { status: FORBIDDEN, host: name, text: this.#foreign(name) };
  }

  /** What a client is told whose Host is not on the list; etcd's text is to this effect. */
  #unknown(host: string): string {
    return `
etcdlite received your request, but the Host header was unrecognized.

To fix this, add the hostname you want to use to the whitelist:
  ${this.#howToList(host)}

This requirement helps prevent "DNS rebinding" attacks (CVE-2018-5702).
`;
  }

  #foreign(host: string): string {
    return `
etcdlite received your request on a loopback address, but for the host ${JSON.stringify(host)}, which may be
the name of a hostile page that was made to point here ("DNS rebinding", CVE-2018-5702).

If it is you who uses this name (a proxy on this machine, an entry in /etc/hosts), say so:
  ${this.#howToList(host)}

Native gRPC, TLS, addresses, localhost and names without a dot need no leave; * is for all names.
`;
  }
}

/** @param address IPv6 as it is, or mapped from IPv4 */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || LOOPBACK_IPV4.test(address.replace(/^::ffff:/i, ""));
}

function hostnameOf(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  return match?.[1] ?? match?.[2] ?? host;
}

/** Whether nobody can own the name and have it point where he likes; whoever sends none is no browser. */
function isUnownable(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, "");
  return !plain.includes(".") || plain.endsWith(".localhost") || ADDRESS.test(plain);
}
