/** A server whose authentication is on: root and u, both with the password "pw"; u may read and write under its prefix. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import type { Server, SuiteContext } from "./suite.ts";

export const PASSWORD = "pw";

/** Passwords are hashed cheaply, as every client's sign-in costs the server one. */
export async function startWithAuth(context: SuiteContext, prefix: string): Promise<Server> {
  const server = await context.startServer(["--bcrypt-cost=4"]);
  await enableAuth(server.url, prefix);
  return server;
}

/** The prefix ends in "/". */
export async function enableAuth(url: string, prefix: string): Promise<void> {
  const auth = createClient(Auth, createGrpcTransport({ baseUrl: url }));
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  for (const name of ["root", "u"]) {
    await auth.userAdd({ name, password: PASSWORD });
    await auth.roleAdd({ name });
    await auth.userGrantRole({ user: name, role: name });
  }
  const perm = {
    permType: Permission_Type.READWRITE,
    key: encode(prefix),
    rangeEnd: encode(`${prefix.slice(0, -1)}0`),
  };
  await auth.roleGrantPermission({ name: "u", perm });
  await auth.authEnable({});
}
