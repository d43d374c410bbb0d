/** A file of its own: what Auth's messages are made of is fetched when somebody signs in. */
import { createClient, type Transport } from "@connectrpc/connect";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";

/** @throws ConnectError for a wrong password, and where authentication is off */
export async function authenticate(
  transport: Transport,
  name: string,
  password: string,
  timeoutMs?: number,
): Promise<string> {
  const { token } = await createClient(Auth, transport).authenticate({ name, password }, { timeoutMs });
  return token;
}
