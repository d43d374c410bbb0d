/** Endpoints and the state of a connection in a few words. */
import { type Endpoint, parseEndpoint } from "../store/endpoint.ts";

/** `This browser`, `This browser: notes`, `127.0.0.1:2379`. */
export function endpointTitle(endpoint: Endpoint): string {
  if (endpoint.kind === "browser")
    return endpoint.name === "default" ? "This browser" : `This browser: ${endpoint.name}`;
  const { host, pathname } = new URL(endpoint.url);
  return pathname === "/" ? host : `${host}${pathname}`;
}

/** The endpoint of an ID that was remembered, which may be anything. */
export function titleOfId(id: string): string {
  const endpoint = parseEndpoint(id);
  return endpoint === undefined ? id : endpointTitle(endpoint);
}

/** How the endpoint is reached, for the second line. */
export function protocolTitle(endpoint: Endpoint): string {
  if (endpoint.kind === "browser") return "Store in this browser";
  return endpoint.protocol === "connect" ? "Server, by Connect" : "Server, by gRPC-Web";
}

/** What a person typed as an address: `localhost:2379` is `http://localhost:2379`. */
export function readServerUrl(text: string): string | undefined {
  const trimmed = text.trim();
  const url = /^https?:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (trimmed === "" || /\s/.test(trimmed) || !URL.canParse(url)) return undefined;
  const { origin, pathname, hostname } = new URL(url);
  return hostname === "" ? undefined : `${origin}${pathname}`.replace(/\/+$/, "");
}
