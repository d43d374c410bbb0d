/** The transport alone, under services made up by the test. */
import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { Front, type FrontOptions } from "../../../../src/platform/node/front.ts";
import { Monitoring } from "../../../../src/platform/node/http/monitoring.ts";
import { StaticFiles } from "../../../../src/platform/node/http/static-files.ts";
import { Http2Front } from "../../../../src/platform/node/http2/front.ts";
import { type Limits, limitsOf } from "../../../../src/platform/node/limits.ts";
import { Listener, type ListenerOptions } from "../../../../src/platform/node/listen/listener.ts";
import type { Log } from "../../../../src/platform/node/log.ts";
import { Metrics } from "../../../../src/platform/node/metrics/metrics.ts";
import { Probes, type ServiceBinding } from "../../../../src/rpc/index.ts";
import { Etcd } from "../../../../src/server/index.ts";
import { VirtualClock } from "../../../support/clock.ts";

export interface TestFront {
  readonly url: string;
  readonly urls: readonly string[];
  readonly port: number;
  /** What it logged, `level message {fields}`. */
  readonly logged: readonly string[];
  readonly listener: Listener;
  leave(graceMs: number): Promise<void>;
  close(graceMs?: number): Promise<void>;
}

/** H2=node has node:http2 speak HTTP/2 in all tests of the transport, and not the engine of src/h2. */
export const H2: "engine" | "node" = process.env.H2 === "node" ? "node" : "engine";

type Options = Partial<
  Omit<FrontOptions, "listener" | "log" | "limits" | "nodeHttp2"> & Omit<ListenerOptions, "log">
> & {
  readonly h2?: "engine" | "node";
  readonly limits?: Partial<Limits>;
  readonly webRoot?: string;
};

/** Closed when the test is over, if the test has not. */
export async function startFront(options: Options = {}): Promise<TestFront> {
  const logged: string[] = [];
  const log = recorder(logged);
  const listener = await Listener.bind({
    addresses: [{ host: "127.0.0.1", port: 0 }],
    handshakeTimeoutMs: 60_000,
    ...options,
    log,
  });
  const clock = options.clock ?? new VirtualClock();
  const etcd = new Etcd({ clock });
  const traffic = { receivedBytes: 0, sentBytes: 0 };
  const probes = new Probes(etcd);
  const front = new Front({
    listener,
    bindings: [],
    traffic,
    monitoring: new Monitoring({ probes, metrics: new Metrics({ etcd, calls: [], traffic, probes }), log }),
    maxMessageBytes: 64 * 1024,
    clock,
    cors: [],
    hostWhitelist: [],
    files: await StaticFiles.of(options.webRoot ?? "no such folder"),
    nodeHttp2: (options.h2 ?? H2) === "node" ? Http2Front : undefined,
    ...options,
    limits: limitsOf({ handshakeTimeoutMs: 60_000, grpcKeepaliveMinTimeMs: -1, ...options.limits }),
    log,
  });
  front.start();
  let closing: Promise<void> | undefined;
  const close = (graceMs = 2000): Promise<void> => {
    closing ??= front.close(graceMs);
    return closing;
  };
  onTestFinished(() => close());
  const [url] = listener.urls as [string];
  return {
    url,
    urls: listener.urls,
    port: Number(new URL(url).port),
    logged,
    listener,
    leave: (graceMs) => front.leave(graceMs),
    close,
  };
}

export function binding<S extends DescService>(service: S, impl: Partial<ServiceImpl<S>>): ServiceBinding {
  return { service, impl } as unknown as ServiceBinding;
}

function recorder(logged: string[]): Log {
  const at =
    (level: string) =>
    (message: string, fields?: object): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
