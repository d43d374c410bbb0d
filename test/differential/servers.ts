/** Pairs of servers to compare: started fresh, or running ones by URL. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { createServer } from "../../src/platform/node/index.ts";
import type { StartEtcdOptions } from "../support/etcd.ts";
import { findOrBuildEtcd, startEtcd } from "../support/etcd.ts";
import { startEtcdlite } from "../support/etcdlite.ts";
import { Side } from "./side.ts";

const READY_TIMEOUT_MS = 20_000;

export type Target = {
  readonly name: string;
  start(): Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** A running server cannot be started afresh, so nothing found on it is shrunk. */
  readonly isFresh: boolean;
};

export type Pair = { readonly sides: readonly Side[]; stop(): Promise<void> };

export function realEtcd(name = "etcd", options: StartEtcdOptions = {}): Target {
  return { name, isFresh: true, start: () => startEtcd({ binary: findOrBuildEtcd(), ...options }) };
}

export function etcdlite(): Target {
  return { name: "etcdlite", isFresh: true, start: () => startEtcdlite(["--name", "default"]) };
}

/** In this process: quicker to start, for transcripts. */
export function etcdliteHere(): Target {
  return {
    name: "etcdlite",
    isFresh: true,
    start: async () => {
      const server = await createServer({ listenClientUrls: ["http://127.0.0.1:0"], name: "default" });
      return { url: server.url, stop: () => server.close() };
    },
  };
}

export function running(name: string, url: string): Target {
  return { name, isFresh: false, start: () => Promise.resolve({ url, stop: () => Promise.resolve() }) };
}

/** Starts every target and connects to it; stops what was started if one fails. */
export async function startPair(targets: readonly Target[]): Promise<Pair> {
  const started = await Promise.allSettled(targets.map((target) => target.start()));
  const servers = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const sides: Side[] = [];
  const stop = async (): Promise<void> => {
    for (const side of sides) side.close();
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (const [index, result] of started.entries()) {
      if (result.status === "rejected") throw result.reason;
      await untilVersioned(result.value.url);
      sides.push(await Side.connect(targets[index]?.name ?? "", result.value.url));
    }
    return { sides, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A fresh etcd agrees on the cluster's version a moment after it serves; Status shows it from then on. */
async function untilVersioned(url: string): Promise<void> {
  const client = createClient(Maintenance, createGrpcTransport({ baseUrl: url }));
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const status = await client.status({});
    if (status.storageVersion !== "" || /^3\.[0-5]\./.test(status.version)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url}: no storage version within ${READY_TIMEOUT_MS} ms`);
}
