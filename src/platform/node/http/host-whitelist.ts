/**
 * By which names this server may be asked for: `Hosts`, on Node's requests. Only browsers can be led astray by a name,
 * so what they cannot send is never asked: native gRPC, and TLS, where a name needs a certificate.
 */
import { type HostRefusal, Hosts, isLoopbackAddress } from "../../hosts.ts";
import { isEncrypted } from "../tls/peer.ts";
import type { HttpRequest } from "./types.ts";

export class HostWhitelist {
  readonly #hosts: Hosts;
  /** Of the last request that was welcome: nearly all come by the same way. */
  #welcomeHost: string | undefined;
  #welcomeAddress: string | undefined;

  /** @param hosts empty for the default, `*` among them for every host */
  constructor(hosts: readonly string[]) {
    this.#hosts = new Hosts(hosts, (host) => `etcdlite --host-whitelist ${JSON.stringify(host)}`);
  }

  /** Why the request is not served; undefined if it is. */
  refusal(request: HttpRequest): HostRefusal | undefined {
    if (isEncrypted(request.socket) || isNativeGrpc(request)) return undefined;
    const host = hostOf(request) ?? "";
    const address = request.socket?.localAddress ?? "";
    if (host === this.#welcomeHost && address === this.#welcomeAddress) return undefined;
    const refusal = this.#hosts.refusal(host, isLoopbackAddress(address));
    if (refusal === undefined) {
      this.#welcomeHost = host;
      this.#welcomeAddress = address;
    }
    return refusal;
  }
}

/** As in the header or pseudo-header, with or without a port. */
export function hostOf(request: HttpRequest): string | undefined {
  return "authority" in request ? request.authority : request.headers.host;
}

/** Its compressed form: the plain one never comes to the router's side of the server. No browser speaks it. */
function isNativeGrpc({ httpVersionMajor, headers }: HttpRequest): boolean {
  return httpVersionMajor === 2 && /^application\/grpc(?:$|[+;])/.test(headers["content-type"] ?? "");
}
