/** Whether an endpoint can be used, and a token for it where it wants one; nothing of the page changes meanwhile. */
import { Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { authenticate } from "../store/authenticate.ts";
import type { SignedIn } from "../store/tokens.ts";
import type { ServerEndpoint } from "./explain.ts";

const TEST_TIMEOUT_MS = 5_000;

export interface Tested {
  /** etcd's version; undefined where the server only lets a signed-in user ask. */
  readonly version: string | undefined;
  /** Undefined without a user. */
  readonly who: SignedIn | undefined;
}

/**
 * @param user empty for none
 * @throws ConnectError why the server cannot be used; `NoAuthError` where a user was given to a server without auth
 */
export async function testServer(endpoint: ServerEndpoint, user: string, password: string): Promise<Tested> {
  const who = user === "" ? undefined : await signInTo(endpoint, user, password);
  try {
    const client = createClient(Maintenance, transportTo(endpoint, who?.token));
    const { version } = await client.status({}, { timeoutMs: TEST_TIMEOUT_MS });
    return { version, who };
  } catch (error) {
    // Whoever answers that a call is not permitted is there.
    if (ConnectError.from(error).code === Code.PermissionDenied) return { version: undefined, who };
    throw error;
  }
}

/** The server has no users: a name and a password mean nothing to it. */
export class NoAuthError extends Error {}

async function signInTo(endpoint: ServerEndpoint, user: string, password: string): Promise<SignedIn> {
  const transport = transportTo(endpoint);
  const renew = (): Promise<string> => authenticate(transport, user, password, TEST_TIMEOUT_MS);
  try {
    return { user, token: await renew(), renew };
  } catch (error) {
    const known = ConnectError.from(error);
    if (known.code === Code.Unimplemented) {
      // What has no such service may be no etcd at all: then its status says so.
      await createClient(Maintenance, transport).status({}, { timeoutMs: TEST_TIMEOUT_MS });
      throw new NoAuthError("This server has no users and roles: leave user and password empty.");
    }
    if (/authentication is not enabled/.test(known.rawMessage)) {
      throw new NoAuthError("Authentication is off on this server: leave user and password empty.");
    }
    throw error;
  }
}

function transportTo({ url, protocol }: ServerEndpoint, token?: string): Transport {
  const withToken: Interceptor = (next) => (request) => {
    if (token !== undefined) request.header.set("authorization", token);
    return next(request);
  };
  const options = { baseUrl: url, interceptors: [withToken] };
  return protocol === "connect" ? createConnectTransport(options) : createGrpcWebTransport(options);
}
