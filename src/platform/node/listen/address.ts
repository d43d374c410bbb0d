/**
 * Where a client is, `ADDRESS:PORT`, for the log; undefined where it has no address, as behind a unix socket.
 * @param socket of a request or a session: both hand out stand-ins of the real one
 */
export function addressOf(socket: object | undefined): string | undefined {
  const { remoteAddress, remotePort } = (socket ?? {}) as { remoteAddress?: string; remotePort?: number };
  if (remoteAddress === undefined) return undefined;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** The same where it has to be said in any case. */
export function originOf(socket: object | undefined): string {
  return addressOf(socket) ?? "a local process";
}
