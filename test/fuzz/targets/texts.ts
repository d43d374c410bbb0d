/** Small texts of headers and flags: time-outs, durations, URLs, hosts and origins. */
import { EtcdError } from "../../../src/errors.ts";
import { parseDuration } from "../../../src/platform/node/duration.ts";
import { parseGrpcTimeout } from "../../../src/platform/node/grpc/timeout.ts";
import { Cors } from "../../../src/platform/node/http/cors.ts";
import { HostWhitelist } from "../../../src/platform/node/http/host-whitelist.ts";
import type { HttpRequest } from "../../../src/platform/node/http/types.ts";
import {
  ConfigError,
  parseAdvertisedUrl,
  parseListenUrl,
  parseUrl,
  reachableUrl,
} from "../../../src/platform/node/listen/urls.ts";
import { destinationOf } from "../../../src/rpc/gateway/path.ts";
import { timeoutOf } from "../../../src/rpc/gateway/timeout.ts";
import { hold, refusing, type Target, textOf, utf8 } from "../target.ts";

const LOOPBACK_ORIGIN = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/;

export function open(): Target {
  const [cors, hosts] = [new Cors([]), new HostWhitelist([])];
  return {
    seeds: [
      "100m",
      "1H",
      "99999999n",
      "1h30m0.5s",
      "http://127.0.0.1:2379",
      "unix:///tmp/a%20b",
      "/v3/kv/range?a=b",
    ].map(utf8),
    dictionary: [
      "http://",
      "https://",
      "unixs://",
      "localhost",
      "127.0.0.1",
      "[::1]",
      "..",
      "%2e",
      "//",
      "@",
      ":0",
      "µs",
    ],
    maxBytes: 200,
    run: (input) => {
      const text = textOf(input);
      const timeout = parseGrpcTimeout(text);
      hold(typeof timeout === "object" || timeout >= 0, "a time-out is a time");
      const gatewayTimeout = refusing([EtcdError], () => timeoutOf(text));
      for (const ms of [gatewayTimeout, parseDuration(text)]) hold(ms === undefined || !Number.isNaN(ms), "a time");
      const url = refusing([ConfigError], () => parseUrl(text));
      const address = refusing([ConfigError], () => parseListenUrl(text));
      refusing([ConfigError], () => parseAdvertisedUrl(text));
      hold(address === undefined || (url !== undefined && address.port <= 65_535), "where to listen is a URL");
      if (url !== undefined) {
        hold(parseUrl(url) === url, "a URL is shown as it can be given");
        reachableUrl(url);
      }
      const destination = destinationOf(text);
      if (destination !== undefined && "redirect" in destination) {
        hold(/^\/(?![/\\])/.test(destination.redirect), "a redirect stays on this server");
      }
      checkPage(cors, hosts, text);
    },
  };
}

function checkPage(cors: Cors, hosts: HostWhitelist, text: string): void {
  const isServed = (headers: Record<string, string>): boolean => {
    const request = { httpVersionMajor: 1, headers, socket: { localAddress: "127.0.0.1" } } as unknown as HttpRequest;
    return hosts.refusal(request) === undefined && !cors.refuses(request);
  };
  for (const origin of [text, `http://${text}`]) {
    if (!URL.canParse(origin) || !isServed({ host: "etcd", origin })) continue;
    const { hostname } = new URL(origin);
    hold(LOOPBACK_ORIGIN.test(hostname) || hostname === "etcd", `${origin} is a page of this machine`);
  }
}
