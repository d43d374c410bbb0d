/** A store behind the bridge as the target. */
import type { Transport } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import type { Port } from "../../../src/platform/browser/bridge/messages.ts";
import { openStore } from "../../../src/platform/browser/index.ts";
import { Owner } from "../../../src/platform/browser/owner/owner.ts";
import { ownLink } from "../../../src/platform/browser/page/link.ts";
import { resumeWatches } from "../../../src/platform/browser/page/resume/interceptor.ts";
import { storeTransport } from "../../../src/platform/browser/page/transport.ts";
import type { EtcdOptions } from "../../../src/server/index.ts";
import { pageWorker } from "./page-worker.ts";

export async function bridgeTransport(etcd: Partial<EtcdOptions>): Promise<Transport> {
  return typeof window === "undefined" ? await channelTransport(etcd) : await workerTransport(etcd);
}

async function workerTransport(etcd: Partial<EtcdOptions>): Promise<Transport> {
  const store = await openStore({ persist: false, etcd, ...pageWorker() });
  onTestFinished(() => store.close());
  return store.transport;
}

async function channelTransport(etcd: Partial<EtcdOptions>): Promise<Transport> {
  const { port1, port2 } = new MessageChannel();
  const owner = await Owner.open({ worker: "node", name: undefined, etcd, previous: undefined, announce: () => {} });
  owner.serve(port2 as Port);
  port2.start();
  const link = ownLink(port1);
  onTestFinished(async () => {
    link.close();
    await owner.close();
    port1.close();
  });
  return storeTransport(link, [resumeWatches]);
}
