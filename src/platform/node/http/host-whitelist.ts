/**
 * etcd's `--host-whitelist`, against DNS rebinding: a page of a name that was made to point here sends that
 * name as its Host, and to its browser everything it asks for is its own.
 *
 *     a list    what is on it, and IPv4's and IPv6's loopback addresses, as in etcd: 421 for others
 *     *         every name
 *     nothing   every name, but not on a connection to a loopback address: there only those that no
 *               stranger can have pointed at it (addresses, `localhost`, names without a dot): 403 for others
 *
 * Only browsers can be led astray like that, so what they cannot send is never asked: native gRPC, and TLS, where
 * a name needs a certificate.
 */
import net from "node:net";
import { isEncrypted } from "../tls/peer.ts";
import type { HttpRequest } from "./types.ts";

export interface HostRefusal {
  readonly status: 403 | 421;
  readonly host: string;
  readonly text: string;
}

const FORBIDDEN = 403;
const MISDIRECTED = 421;

export class HostWhitelist {
  /** Undefined for the default. */
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #any: boolean;

  /** @param hosts empty for the default, `*` among them for every host */
  constructor(hosts: readonly string[]) {
    this.#hosts = hosts.length === 0 ? undefined : new Set(hosts);
    this.#any = hosts.includes("*");
  }

  /** Why the request is not served; undefined if it is. */
  refusal(request: HttpRequest): HostRefusal | undefined {
    if (this.#any || isEncrypted(request.socket) || isNativeGrpc(request)) return undefined;
    const name = hostname(hostOf(request) ?? "");
    if (this.#hosts !== undefined) {
      const isWelcome = name === "::1" || isLoopbackIpv4(name) || this.#hosts.has(name);
      return isWelcome ? undefined : { status: MISDIRECTED, host: name, text: unknownHostText(name) };
    }
    if (!isLoopbackAddress(request.socket?.localAddress) || isUnownable(name)) return undefined;
    return { status: FORBIDDEN, host: name, text: foreignHostText(name) };
  }
}

/** As in the header or pseudo-header, with or without a port. */
export function hostOf(request: HttpRequest): string | undefined {
  return "authority" in request ? request.authority : request.headers.host;
}

function isLoopbackIpv4(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host);
}

function hostname(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  return match?.[1] ?? match?.[2] ?? host;
}

/** Its compressed form: the plain one never comes to the router's side of the server. No browser speaks it. */
function isNativeGrpc({ httpVersionMajor, headers }: HttpRequest): boolean {
  return httpVersionMajor === 2 && /^application\/grpc(?:$|[+;])/.test(headers["content-type"] ?? "");
}

function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || isLoopbackIpv4(address.replace(/^::ffff:/i, ""));
}

/** Whether nobody can own the name and have it point where he likes; whoever sends none is no browser. */
function isUnownable(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, "");
  return !plain.includes(".") || plain.endsWith(".localhost") || net.isIP(plain) !== 0;
}

/** What a client is told whose Host is not on the list; etcd's text is to this effect. */
function unknownHostText(host: string): string {
  return `
etcdlite received your request, but the Host header was unrecognized.

To fix this, add the hostname you want to use to the whitelist:
  etcdlite --host-whitelist ${JSON.stringify(host)}

This requirement helps prevent "DNS rebinding" attacks (CVE-2018-5702).
`;
}

function foreignHostText(host: string): string {
  return `
etcdlite received your request on a loopback address, but for the host ${JSON.stringify(host)}, which may be
the name of a hostile page that was made to point here ("DNS rebinding", CVE-2018-5702).

If it is you who uses this name (a proxy on this machine, an entry in /etc/hosts), say so:
  etcdlite --host-whitelist ${JSON.stringify(host)}

Native gRPC, TLS, addresses, localhost and names without a dot need no leave; * is for all names.
`;
}
