/**
 * RFC 9113, 8.2 and 8.3: what the fields of a request must be like, and the object they become, in which names that
 * come several times are joined as node:http2 joins them.
 */
import type { Field } from "./static-table.ts";

export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RequestHead {
  readonly headers: IncomingHeaders;
  /** Bytes that the body must have, -1 if it may have any. */
  readonly contentLength: number;
}

/** 8.2.1: a token without capitals. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const WRONG_VALUE = /[\0\n\r]|^[ \t]|[ \t]$/;
/** 8.2.2. */
const OF_CONNECTION = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);
const PSEUDO = new Set([":method", ":scheme", ":authority", ":path"]);
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const AUTHORITY = /^[\x21-\x7e]*$/;
const PATH = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;

/** Of these only the first counts, as in node:http2. */
const SINGLE = new Set([
  ...["access-control-allow-credentials", "access-control-max-age", "access-control-request-method", "age"],
  ...["authorization", "content-encoding", "content-language", "content-length", "content-location", "content-md5"],
  ...["content-range", "content-type", "date", "dnt", "etag", "expires", "from", "host", "if-match"],
  ...["if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "location"],
  ...["max-forwards", "proxy-authorization", "range", "referer", "retry-after", "tk", "upgrade-insecure-requests"],
  ...["user-agent", "x-content-type-options"],
]);

/** Undefined for a request that is malformed (8.1.1). */
export function requestHead(fields: readonly Field[]): RequestHead | undefined {
  const headers: Record<string, string | string[] | undefined> = Object.create(null);
  let contentLength = -1;
  let isPseudo = true;
  for (const { name, value } of fields) {
    if (name.charCodeAt(0) === COLON) {
      if (!isPseudo || !PSEUDO.has(name) || headers[name] !== undefined || WRONG_VALUE.test(value)) return undefined;
      headers[name] = value;
      continue;
    }
    isPseudo = false;
    if (!isRegular(name, value)) return undefined;
    if (name === "content-length") {
      const length = contentLengthOf(value);
      if (length === undefined || (contentLength >= 0 && length !== contentLength)) return undefined;
      contentLength = length;
    }
    join(headers, name, value);
  }
  return hasRequestLine(headers) ? { headers, contentLength } : undefined;
}

/** 8.1: behind the body there are only regular fields. */
export function areTrailers(fields: readonly Field[]): boolean {
  return fields.every(({ name, value }) => isRegular(name, value));
}

const COLON = 0x3a;

function isRegular(name: string, value: string): boolean {
  if (!NAME.test(name) || WRONG_VALUE.test(value) || OF_CONNECTION.has(name)) return false;
  return name !== "te" || value.toLowerCase() === "trailers";
}

function contentLengthOf(value: string): number | undefined {
  if (!/^\d+$/.test(value)) return undefined;
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : undefined;
}

function join(headers: Record<string, string | string[] | undefined>, name: string, value: string): void {
  const before = headers[name];
  if (before === undefined) headers[name] = name === "set-cookie" ? [value] : value;
  else if (typeof before === "object") before.push(value);
  else if (!SINGLE.has(name)) headers[name] = `${before}${name === "cookie" ? "; " : ", "}${value}`;
}

/** 8.3.1, and 8.5 for CONNECT. */
function hasRequestLine(headers: IncomingHeaders): boolean {
  const { ":method": method, ":scheme": scheme, ":path": path, ":authority": authority } = headers;
  if (typeof method !== "string" || !METHOD.test(method)) return false;
  if (typeof authority === "string" && !AUTHORITY.test(authority)) return false;
  if (method === "CONNECT") return scheme === undefined && path === undefined && authority !== undefined;
  if (typeof scheme !== "string" || !SCHEME.test(scheme)) return false;
  if (typeof path !== "string" || !PATH.test(path)) return false;
  return path !== "*" || method === "OPTIONS";
}
