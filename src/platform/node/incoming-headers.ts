import type { IncomingHttpHeaders } from "node:http2";

/** A request's headers, but for HTTP/2's own, for methods that want them all. */
export function headersOf(incoming: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) append(headers, name, one);
  }
  return headers;
}

/** A header that is fine in HTTP/2 and not for Headers is left out: no method reads such a one. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    // Left out.
  }
}
