/**
 * What the page is connected to, as the URL of the page names it:
 *
 *     browser            the store in this browser, the one named `default`
 *     browser:NAME       another store in this browser
 *     http://…           a server, by gRPC-Web
 *     connect+http://…   a server, by Connect
 */
export type Endpoint =
  | { readonly kind: "browser"; readonly name: string }
  | { readonly kind: "server"; readonly url: string; readonly protocol: "grpc-web" | "connect" };

export const DEFAULT_STORE = "default";

export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "browser") return endpoint.name === DEFAULT_STORE ? "browser" : `browser:${endpoint.name}`;
  return endpoint.protocol === "connect" ? `connect+${endpoint.url}` : endpoint.url;
}

/** Undefined for what is no endpoint. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (text === "browser") return { kind: "browser", name: DEFAULT_STORE };
  if (text.startsWith("browser:")) return { kind: "browser", name: text.slice("browser:".length) || DEFAULT_STORE };
  const protocol = text.startsWith("connect+") ? "connect" : "grpc-web";
  const url = text.replace(/^connect\+/, "");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return undefined;
  return { kind: "server", url: url.replace(/\/+$/, ""), protocol };
}
