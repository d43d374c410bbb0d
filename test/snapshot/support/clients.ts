/** The services of a server, as clients in this process see them. */
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";

export interface Clients {
  readonly kv: Client<typeof KV>;
  readonly lease: Client<typeof Lease>;
  readonly auth: Client<typeof Auth>;
  readonly maintenance: Client<typeof Maintenance>;
}

/** @param token of the user who calls, with auth on */
export function clientsOf(url: string, token?: string): Clients {
  const signed: Interceptor = (next) => (request) => {
    if (token !== undefined) request.header.set("token", token);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, interceptors: [signed] });
  return {
    kv: createClient(KV, transport),
    lease: createClient(Lease, transport),
    auth: createClient(Auth, transport),
    maintenance: createClient(Maintenance, transport),
  };
}
