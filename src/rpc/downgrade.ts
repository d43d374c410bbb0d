/** Maintenance.Downgrade, and what Status tells of it; see src/server/versions.ts for what comes of it. */
import { create } from "@bufbuild/protobuf";
import { etcdError } from "../errors.ts";
import {
  type DowngradeInfo,
  DowngradeInfoSchema,
  type DowngradeRequest,
  DowngradeRequest_DowngradeAction,
  type DowngradeResponse,
  DowngradeResponseSchema,
} from "../gen/etcdserverpb/maintenance_pb.ts";
import type { Etcd } from "../server/index.ts";
import { header } from "./header.ts";

/** @throws EtcdError */
export function downgrade(etcd: Etcd, { action, version }: DowngradeRequest): DowngradeResponse {
  change(etcd, action, version);
  const response = create(DowngradeResponseSchema);
  response.header = header(etcd, etcd.store.revision);
  // The major and the minor version.
  response.version = etcd.versions.cluster.replace(/\.0$/, "");
  return response;
}

export function downgradeInfo({ versions }: Etcd): DowngradeInfo {
  const message = create(DowngradeInfoSchema);
  message.enabled = versions.downgradeTarget !== undefined;
  message.targetVersion = versions.downgradeTarget ?? "";
  return message;
}

/** That there is nothing to cancel is no error: so it is in etcd, against what its API says. */
function change({ versions }: Etcd, action: DowngradeRequest_DowngradeAction | number, version: string): void {
  switch (action) {
    case DowngradeRequest_DowngradeAction.VALIDATE:
      versions.validateDowngrade(version);
      break;
    case DowngradeRequest_DowngradeAction.ENABLE:
      versions.enableDowngrade(version);
      break;
    case DowngradeRequest_DowngradeAction.CANCEL:
      versions.cancelDowngrade();
      break;
    default:
      throw etcdError("unknownMethod");
  }
}
