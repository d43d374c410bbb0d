/** The URLs of etcd's flags: `http://host:port`, nothing else. */

export interface ListenAddress {
  /** An IP address, `localhost`, or empty for every interface. */
  readonly host: string;
  /** 0 for one of the system's choice. */
  readonly port: number;
}

/** A URL or flag value that cannot be used; the message says which and why, in one line. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

const IPV4 = /^(\d{1,3})(\.\d{1,3}){3}$/;
const HTTP_URL = /^http:\/\/(?:\[([0-9a-f:.%]+)\]|([^/:[\]]*)):(\d{1,5})\/?$/i;

/** @throws ConfigError */
export function parseListenUrl(text: string): ListenAddress {
  const url = text.trim();
  const scheme = /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "https") throw new ConfigError(`TLS is not served yet, use http: ${url}`);
  if (scheme === "unix" || scheme === "unixs") throw new ConfigError(`unix sockets are not served: ${url}`);
  if (scheme !== "http") throw new ConfigError(`URL scheme must be http: ${url}`);
  const { host, port } = splitHttpUrl(url);
  const isIp = host.includes(":") || IPV4.test(host);
  if (host !== "" && host !== "localhost" && !isIp) {
    throw new ConfigError(`expected IP in URL for binding (${url})`);
  }
  return { host, port };
}

/**
 * A URL to be told to others, for which any host will do.
 * @throws ConfigError
 */
export function parseAdvertisedUrl(text: string): string {
  const url = text.trim();
  if (/^unixs?:/.test(url)) return url;
  if (!/^https?:\/\//i.test(url)) throw new ConfigError(`URL scheme must be http, https, unix, or unixs: ${url}`);
  const { host } = splitHttpUrl(url.replace(/^https:/i, "http:"), url);
  if (host === "") throw new ConfigError(`unexpected empty host (${url})`);
  return url.replace(/\/$/, "");
}

function splitHttpUrl(url: string, shown = url): ListenAddress {
  const match = HTTP_URL.exec(url);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    const hasPath = /^http:\/\/[^/]+\/./.test(url);
    throw new ConfigError(
      hasPath ? `URL must not contain a path: ${shown}` : `URL address does not have the form "host:port": ${shown}`,
    );
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

export function httpUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** For clients: where every interface is listened on, this machine is the one that surely reaches it. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
