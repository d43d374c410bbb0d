/**
 * Lets Connect's clients reach a real etcd, so that the cases of this suite can be proven against it: Connect's
 * own server, one for each HTTP version, every call passed on by gRPC.
 */
import { createServer as createHttp1Server } from "node:http";
import type { Http2Server } from "node:http2";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext, ServiceImpl, Transport } from "@connectrpc/connect";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease, LeaseKeepAliveResponseSchema } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";

export type Gateway = {
  readonly urls: Readonly<Record<"1.1" | "2", string>>;
  stop(): Promise<void>;
};

export async function startGateway(etcdUrl: string): Promise<Gateway> {
  const transport = createGrpcTransport({ baseUrl: etcdUrl });
  const handler = connectNodeAdapter({ routes: (router) => addRoutes(router, transport) });
  const http1 = createHttp1Server(handler);
  const http2 = createHttp2Server(handler);
  const urls = { "1.1": await listen(http1), "2": await listen(http2) };
  return {
    urls,
    stop: async () => {
      http1.closeAllConnections();
      http1.close();
      http2.close();
    },
  };
}

async function listen(server: NetServer | Http2Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function addRoutes(router: ConnectRouter, transport: Transport): void {
  for (const service of [Auth, KV, Lease, Maintenance, Cluster, Watch]) {
    router.service(service, forwarding(service, transport));
  }
  const watch = createClient(Watch, transport);
  router.service(BrowserWatch, {
    watch: (value, context) => {
      const { signal } = context;
      const requests = (async function* () {
        yield { requestUnion: { case: "createRequest" as const, value } };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      })();
      return watch.watch(requests, options(context));
    },
  });
  const lease = createClient(Lease, transport);
  router.service(BrowserLease, {
    leaseKeepAlive: async ({ ID }, context) => {
      const requests = (async function* () {
        yield { ID };
      })();
      for await (const response of lease.leaseKeepAlive(requests, options(context))) return response;
      return create(LeaseKeepAliveResponseSchema);
    },
  });
}

/** What is passed on besides the messages: the token, and that the client has gone. */
function options({ signal, requestHeader }: HandlerContext): { signal: AbortSignal; headers: Record<string, string> } {
  const tokens = ["token", "authorization"].map((name) => [name, requestHeader.get(name)] as const);
  return {
    signal,
    headers: Object.fromEntries(tokens.flatMap(([name, token]) => (token === null ? [] : [[name, token]]))),
  };
}

/** Each method of the service calls the method of the same name behind. */
function forwarding<S extends DescService>(service: S, transport: Transport): ServiceImpl<S> {
  const client = createClient(service, transport) as Record<string, (request: unknown, options: object) => unknown>;
  const methods = service.methods.map(({ localName }) => [
    localName,
    (request: unknown, context: HandlerContext) => client[localName]?.(request, options(context)),
  ]);
  return Object.fromEntries(methods) as ServiceImpl<S>;
}
