/** Peer URLs as etcd takes and writes them: what Go's net/url and etcd's own rules about them make of a text. */
import { etcdError } from "../errors.ts";

const URL_PARTS = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?(.*)$/i;
/** User information, host, port; a host in brackets may have colons. */
const AUTHORITY = /^((?:[^@]*@)?)(\[[^\]]*\]|[^:[\]]*)((?::\d*)?)$/;
/** What may be in a host, as it is or, past ASCII, as an escape. */
const HOST = /^(?:[\w.~!$&'()*+,;=<>"-]|[^\p{ASCII}]|%[89a-f][0-9a-f])*$/iu;
const BRACKETED_HOST = /^\[[\w.:%~-]*\]$/;

/** The URLs in etcd's form, sorted. @throws EtcdError `memberBadUrls` for none at all, or one that is none */
export function parsePeerUrls(texts: readonly string[]): string[] {
  if (texts.length === 0) throw etcdError("memberBadUrls");
  return texts.map(parsePeerUrl).sort();
}

function parsePeerUrl(text: string): string {
  const trimmed = text.trim();
  const [, scheme = "", authority, rest = ""] = URL_PARTS.exec(trimmed) ?? [];
  if (scheme === "" || hasControlCharacter(trimmed)) throw etcdError("memberBadUrls");
  const [, user = "", host = "", port = ""] = AUTHORITY.exec(authority ?? "") ?? throwBadUrls();
  if (!HOST.test(host) && !BRACKETED_HOST.test(host)) throw etcdError("memberBadUrls");
  switch (scheme.toLowerCase()) {
    case "http":
    case "https":
      if (port === "" || /^[^?#]/.test(rest)) throw etcdError("memberBadUrls");
      break;
    case "unix":
    case "unixs":
      break;
    default:
      throw etcdError("memberBadUrls");
  }
  const escapedHost = host.replace(/[^\p{ASCII}]+/gu, encodeURIComponent);
  const slashes = authority === undefined ? "" : "//";
  return `${scheme.toLowerCase()}:${slashes}${user}${escapedHost}${port}${rest}`;
}

function throwBadUrls(): never {
  throw etcdError("memberBadUrls");
}

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < " " || character === "\x7f");
}
