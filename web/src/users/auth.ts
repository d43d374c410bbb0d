import { type Client, createClient } from "@connectrpc/connect";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import type { Connection } from "../store/connection.ts";

export type AuthClient = Client<typeof Auth>;

const byConnection = new WeakMap<Connection, AuthClient>();

/** The store's Auth service. Not one of the page's other clients, so that its messages are fetched with this screen. */
export function authOf(connection: Connection): AuthClient {
  const client = byConnection.get(connection) ?? createClient(Auth, connection.transport);
  byConnection.set(connection, client);
  return client;
}
