/**
 * The server under test: reads from its input what is wanted of it, starts, and writes where it listens. Both are
 * messages behind four bytes of length. `node test/conformance/server.ts DESCRIPTORS node|engine`
 */
import { readFileSync, writeSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Front } from "../../src/platform/node/front.ts";
import { Monitoring } from "../../src/platform/node/http/monitoring.ts";
import { StaticFiles } from "../../src/platform/node/http/static-files.ts";
import { Http2Front } from "../../src/platform/node/http2/front.ts";
import { limitsOf } from "../../src/platform/node/limits.ts";
import { Listener } from "../../src/platform/node/listen/listener.ts";
import { SILENT as log } from "../../src/platform/node/log.ts";
import { Metrics } from "../../src/platform/node/metrics/metrics.ts";
import { TlsGate } from "../../src/platform/node/tls/gate.ts";
import { Probes } from "../../src/rpc/index.ts";
import { Etcd } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";
import { type ServerRequest, Suite } from "./messages.ts";
import { conformanceService } from "./service.ts";

const HOST = "127.0.0.1";
const NO_LIMIT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const PROTOCOL_GRPC = 2;

const [descriptors, h2] = process.argv.slice(2) as [string, "engine" | "node"];
const suite = new Suite(readFileSync(descriptors));
const request = fromBinary(suite.message("ServerCompatRequest"), await readInput()) as ServerRequest;
const port = await start(request);
reply({ host: HOST, port, ...(request.serverCreds && { pemCert: request.serverCreds.cert }) });

async function start(wanted: ServerRequest): Promise<number> {
  const { useTls, serverCreds, clientTlsCert } = wanted;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const trust = clientTlsCert.length === 0 ? {} : { trustedCa: text(clientTlsCert), clientCertAuth: true };
  const gate =
    serverCreds === undefined
      ? undefined
      : await TlsGate.open({
          tls: { cert: text(serverCreds.cert), key: text(serverCreds.key), ...trust },
          hosts: [HOST],
          handshakeTimeoutMs: TIMEOUT_MS,
          log,
        });
  const listener = await Listener.bind({
    addresses: [{ host: HOST, port: 0, tls: useTls }],
    gate,
    handshakeTimeoutMs: TIMEOUT_MS,
    log,
  });
  const etcd = new Etcd({ clock: new VirtualClock() });
  const traffic = { receivedBytes: 0, sentBytes: 0 };
  const probes = new Probes(etcd);
  const front = new Front({
    listener,
    nodeHttp2: h2 === "node" ? Http2Front : undefined,
    bindings: [conformanceService(suite)],
    traffic,
    monitoring: new Monitoring({ probes, metrics: new Metrics({ etcd, calls: [], traffic, probes }), log }),
    maxMessageBytes: maxMessageBytes(wanted),
    limits: limitsOf({ handshakeTimeoutMs: TIMEOUT_MS }),
    clock: etcd.options.clock,
    cors: [],
    hostWhitelist: [],
    files: await StaticFiles.of("no such folder"),
    log,
  });
  front.start();
  const [url] = listener.urls as [string];
  return Number(new URL(url).port);
}

/** Connect's router gets a third more, as its limit is one for JSON too, where bytes are in base64. */
function maxMessageBytes({ messageReceiveLimit, protocol }: ServerRequest): number {
  if (messageReceiveLimit === 0) return NO_LIMIT_BYTES;
  return protocol === PROTOCOL_GRPC ? messageReceiveLimit : Math.floor((messageReceiveLimit * 3) / 4);
}

async function readInput(): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) break;
  }
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0));
}

function reply(fields: { host: string; port: number; pemCert?: Uint8Array }): void {
  const schema = suite.message("ServerCompatResponse");
  const bytes = toBinary(schema, create(schema, fields));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  writeSync(1, Buffer.concat([length, bytes]));
}
