/** The services: each method turns a message into a call of the etcd behind it, and the result into a message. */
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { Keys } from "../gen/etcdlite/v1/keys_pb.ts";
import { Lease as BrowserLease } from "../gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../gen/etcdlite/v1/watch_pb.ts";
import { Auth } from "../gen/etcdserverpb/auth_pb.ts";
import { Cluster } from "../gen/etcdserverpb/cluster_pb.ts";
import { KV } from "../gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../gen/etcdserverpb/watch_pb.ts";
import { Health } from "../gen/grpc/health/v1/health_pb.ts";
import { Election } from "../gen/v3electionpb/election_pb.ts";
import { Lock } from "../gen/v3lockpb/lock_pb.ts";
import type { Etcd } from "../server/index.ts";
import { Access } from "./access.ts";
import { authService } from "./auth.ts";
import type { ServiceBinding } from "./binding.ts";
import { clusterService } from "./cluster.ts";
import { electionService } from "./election.ts";
import { Gate } from "./gate.ts";
import { healthService } from "./health.ts";
import { keysService } from "./keys.ts";
import { kvService } from "./kv.ts";
import { browserLeaseService, leaseService } from "./lease.ts";
import { lockService } from "./lock.ts";
import { maintenanceService } from "./maintenance.ts";
import { bcryptCostOf, LOCAL_PASSWORDS, type Passwords } from "./passwords.ts";
import type { TokenProvider } from "./tokens/provider.ts";
import { SimpleTokens } from "./tokens/simple.ts";
import { verifiedServices } from "./tokens/verified.ts";
import { browserWatchService, watchService } from "./watch.ts";

export { Access } from "./access.ts";
export { type AnyMethod, type ServiceBinding, wrapServices } from "./binding.ts";
export { clientAddress, clientCommonName } from "./caller.ts";
export { type ConnectHandlersOptions, connectHandlers } from "./connect.ts";
export { LeanContext } from "./context.ts";
export {
  encodeErrorLine,
  encodeResultLine,
  errorReply,
  Gateway,
  type GatewayCall,
  type GatewayHeaders,
  type GatewayMethod,
  type GatewayOptions,
  type GatewayReply,
  type GatewayStreamReply,
  RequestReader,
  webSocketCallHeaders,
  webSocketProtocol,
} from "./gateway/index.ts";
export type { Passwords } from "./passwords.ts";
export { type ProbeReply, Probes } from "./probes.ts";
export { type Readiness, type ReadyIterator, readinessOf } from "./readyiterator.ts";
export { type Shape, shapesOf } from "./shapes.ts";
export { nextTurn } from "./slices.ts";
export { snapshotParts } from "./snapshot.ts";
export { type CallStatus, canceled, expectedStatus, faultStatus } from "./status.ts";
export { StoredKeyValue } from "./storedkeyvalue.ts";
export { MAX_TIMER_MS, TIMEOUT_UNIT_MS } from "./timeout.ts";
export { NO_TOKENS } from "./tokens/none.ts";
export type { TokenProvider } from "./tokens/provider.ts";
export { randomToken, SimpleTokens } from "./tokens/simple.ts";
export { ETCD_VERSION } from "./version.ts";
export { isOfEvents, SharedEvents } from "./watchmessage.ts";
export {
  type BinaryFormat,
  type HeaderList,
  type WebCall,
  WebCalls,
  type WebHead,
  type WebReply,
} from "./web/index.ts";
export { type Fields, ZeroMessage } from "./zero.ts";

export interface ServiceOptions {
  /** Default: simple tokens that last 300 s. */
  readonly tokens?: TokenProvider | undefined;
  /** Default: in this thread. */
  readonly passwords?: Passwords | undefined;
  /** How much work bcrypt is to have with a new password: twice as much for each step from 4 to 31. Default 10. */
  readonly bcryptCost?: number | undefined;
}

const DEFAULT_TOKEN_TTL_MS = 300_000;

export function etcdServices(etcd: Etcd, options: ServiceOptions = {}): ServiceBinding[] {
  const { clock } = etcd.options;
  const tokens: TokenProvider =
    options.tokens ?? new SimpleTokens({ nowMs: () => clock.now(), ttlMs: DEFAULT_TOKEN_TTL_MS });
  const passwords = options.passwords ?? LOCAL_PASSWORDS;
  const bcryptCost = bcryptCostOf(options.bcryptCost);
  const access = new Access(etcd, tokens);
  const gate = new Gate(etcd);
  const kv = gate.around(KV, kvService(etcd, access));
  const lease = gate.around(Lease, leaseService(etcd, access, gate));
  const watch = browserWatchService(etcd, access);
  const bindings = [
    bind(KV, kv),
    bind(Watch, watchService(etcd, access)),
    bind(Lease, lease),
    bind(Maintenance, gate.around(Maintenance, maintenanceService(etcd, access))),
    bind(Cluster, gate.around(Cluster, clusterService(etcd, access))),
    bind(Lock, lockService({ kv, lease, watch })),
    bind(Election, electionService({ kv, lease, watch })),
    bind(Health, healthService()),
    bind(BrowserWatch, watch),
    bind(BrowserLease, browserLeaseService(etcd, access, gate)),
    bind(Auth, gate.around(Auth, authService({ etcd, access, tokens, passwords, bcryptCost }))),
    bind(Keys, keysService(etcd, access)),
  ];
  return tokens.verify === undefined ? bindings : verifiedServices(bindings, access);
}

function bind<S extends DescService>(service: S, impl: Partial<ServiceImpl<S>>): ServiceBinding {
  return { service, impl } as unknown as ServiceBinding;
}
