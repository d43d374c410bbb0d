/**
 * Against DNS rebinding: a page of a name that was made to point here sends that name as its Host, and to its
 * browser everything it asks for is its own. As the Node server's `--host-whitelist`, for handlers that listen on
 * a loopback address: there only names that no stranger can have pointed at it are answered (addresses,
 * `localhost`, names without a dot), and those on the list.
 */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])$/;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

export function isLoopbackAddress(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** @param hostname in lower case, IPv6 in brackets, as a URL has it */
export function isForeign(hostname: string, listed: readonly string[]): boolean {
  if (listed.includes("*") || listed.includes(hostname)) return false;
  const plain = hostname.replace(/\.$/, "");
  return plain.includes(".") && !plain.endsWith(".localhost") && !ADDRESS.test(plain);
}

export function foreignHostText(hostname: string): string {
  return `etcdlite was asked on a loopback address, but for the host ${JSON.stringify(hostname)}, which may be the
name of a hostile page that was made to point here ("DNS rebinding"). If it is yours, put it into hostWhitelist.
`;
}
