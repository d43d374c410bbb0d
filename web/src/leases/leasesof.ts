import type { Connection } from "../store/connection.ts";
import { type KeepAliveOnce, Keepers, keepAliveOnce } from "./keepers.ts";
import { LeaseBook } from "./leasebook.ts";

export interface Leases {
  readonly book: LeaseBook;
  readonly keepers: Keepers;
  readonly keepAlive: KeepAliveOnce;
}

const byConnection = new WeakMap<Connection, Leases>();

/** The leases of a connection: they are kept alive after the screen is left, until the connection is. */
export function leasesOf(connection: Connection): Leases {
  const known = byConnection.get(connection);
  if (known !== undefined) return known;
  const book = new LeaseBook(connection.clients.lease);
  const keepAlive = keepAliveOnce(connection);
  const resync = (id: bigint): void => {
    // The next refresh says what a failure here would say.
    book.sync(id).catch(() => undefined);
  };
  const keepers = new Keepers(keepAlive, resync);
  connection.ended.addEventListener("abort", () => keepers.close());
  const leases = { book, keepers, keepAlive };
  byConnection.set(connection, leases);
  return leases;
}
