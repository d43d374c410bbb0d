import { createRegistry, type DescMethod, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { file_etcdlite_v1_keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { file_etcdlite_v1_lease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { file_etcdlite_v1_watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { file_etcdserverpb_auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { file_etcdserverpb_cluster } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { file_etcdserverpb_kv } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { file_etcdserverpb_lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { file_etcdserverpb_maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";

const registry = createRegistry(
  ...[file_etcdserverpb_kv, file_etcdserverpb_lease, file_etcdserverpb_maintenance, file_etcdserverpb_cluster],
  ...[file_etcdserverpb_auth, file_etcdlite_v1_keys, file_etcdlite_v1_lease, file_etcdlite_v1_watch],
);

/** @param name `etcdserverpb.KV/Range` */
export function methodOf(name: string): DescMethod {
  const [service = "", method = ""] = name.split("/");
  const found = registry.getService(service)?.methods.find((one) => one.name === method);
  if (found === undefined) throw new Error(`no RPC is called ${name}`);
  return found;
}

/** The request as protobuf's JSON, bytes in base64. */
export function jsonOf(method: DescMethod, request: Message): JsonValue {
  return toJson(method.input, request);
}
