/** A real etcd as the target. */
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { startEtcd } from "../../support/etcd.ts";

export async function realTransport(options: Partial<EtcdOptions>): Promise<Transport> {
  const etcd = await startEtcd({ flags: flagsFor(options) });
  onTestFinished(() => etcd.stop());
  return createGrpcTransport({ baseUrl: etcd.url });
}

function flagsFor(options: Partial<EtcdOptions>): string[] {
  const flags = ["--bcrypt-cost=4"];
  if (options.maxTxnOps !== undefined) flags.push(`--max-txn-ops=${options.maxTxnOps}`);
  if (options.maxRequestBytes !== undefined) flags.push(`--max-request-bytes=${options.maxRequestBytes}`);
  if (options.quotaBackendBytes !== undefined) flags.push(`--quota-backend-bytes=${options.quotaBackendBytes}`);
  if (options.maxLearners !== undefined) flags.push(`--max-learners=${options.maxLearners}`);
  if (options.strictReconfigCheck !== undefined) flags.push(`--strict-reconfig-check=${options.strictReconfigCheck}`);
  return flags;
}
