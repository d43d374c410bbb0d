/** The URLs of etcd's flags: `http://host:port`, `https://host:port`, `unix:///path`, `unixs:///path`. */

export interface ListenAddress {
  /** An IP address, `localhost`, or empty for every interface. */
  readonly host: string;
  /** 0 for one of the system's choice. */
  readonly port: number;
  /** Of a unix socket, which has no host and port. */
  readonly path?: string;
  /** Default false. */
  readonly tls?: boolean;
}

/** A URL or flag value that cannot be used; the message says which and why, in one line. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

const IPV4 = /^(\d{1,3})(\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]+(%[\w.-]+)?$/i;

/**
 * A URL as etcd takes it, in the form etcd prints it.
 * @throws ConfigError
 */
export function parseUrl(text: string): string {
  const url = text.trim();
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case "http":
    case "https":
      return `${scheme}${splitHttpUrl(url).shown}`;
    case "unix":
    case "unixs":
      return `${scheme}${url.slice(scheme.length)}`;
    default:
      throw new ConfigError(`URL scheme must be http, https, unix, or unixs: ${url}`);
  }
}

/** @throws ConfigError */
export function parseListenUrl(text: string): ListenAddress {
  const url = parseUrl(text);
  const tls = /^(https|unixs):/.test(url);
  if (url.startsWith("unix")) return { host: "", port: 0, path: unixPath(url), tls };
  const { host, port } = splitHttpUrl(url);
  const isIp = IPV4.test(host) || (host.includes(":") && IPV6.test(host));
  if (host !== "" && host !== "localhost" && !isIp) {
    throw new ConfigError(`expected IP in URL for binding (${url})`);
  }
  return { host, port, tls };
}

/**
 * A URL to be told to others, for which any host will do.
 * @throws ConfigError
 */
export function parseAdvertisedUrl(text: string): string {
  const url = parseUrl(text);
  if (url.startsWith("unix")) return url;
  if (splitHttpUrl(url).host === "") throw new ConfigError(`unexpected empty host (${url})`);
  return url;
}

function splitHttpUrl(url: string): { readonly host: string; readonly port: number; readonly shown: string } {
  const match = /^https?:(\/\/(?:\[([^\]]*)\]|([^/?#:[\]]*)):(\d{0,5}))([/?#].*)?$/i.exec(url);
  const port = Number(match?.[4]);
  if (match === null || port > 65535) {
    throw new ConfigError(
      /^https?:\/\/[^/]+\/./i.test(url)
        ? `URL must not contain a path: ${url}`
        : `URL address does not have the form "host:port": ${url}`,
    );
  }
  if (match[5] !== undefined) throw new ConfigError(`URL must not contain a path: ${url}`);
  return { host: match[2] ?? match[3] ?? "", port, shown: `:${match[1]}` };
}

/** etcd's: what would be host and port is the beginning of the path. */
function unixPath(url: string): string {
  const rest = /^unixs?:(?:\/\/)?([^?#]*)/.exec(url)?.[1] ?? "";
  if (rest === "") throw new ConfigError(`URL must name the file of the socket: ${url}`);
  try {
    return decodeURIComponent(rest);
  } catch {
    throw new ConfigError(`URL is not well-formed: ${url}`);
  }
}

export function httpUrl(host: string, port: number, tls = false): string {
  return `http${tls ? "s" : ""}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function unixUrl(path: string, tls = false): string {
  return `unix${tls ? "s" : ""}://${encodeURI(path)}`;
}

/** For clients: where every interface is listened on, this machine is the one that surely reaches it. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
