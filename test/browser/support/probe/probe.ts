/** Another tab of the page's origin, through which a test in Node calls the store in the browser. */
import { type DescMethodStreaming, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { file_etcdlite_v1_keys } from "../../../../src/gen/etcdlite/v1/keys_pb.ts";
import { file_etcdlite_v1_lease } from "../../../../src/gen/etcdlite/v1/lease_pb.ts";
import { file_etcdlite_v1_watch } from "../../../../src/gen/etcdlite/v1/watch_pb.ts";
import { file_etcdserverpb_auth } from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import { file_etcdserverpb_cluster } from "../../../../src/gen/etcdserverpb/cluster_pb.ts";
import { file_etcdserverpb_kv } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { file_etcdserverpb_lease } from "../../../../src/gen/etcdserverpb/lease_pb.ts";
import { file_etcdserverpb_maintenance } from "../../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { openStore } from "../../../../src/platform/browser/index.ts";
import { fromBinaryText, toBinaryText } from "../binary.ts";

export type ProbeReply = { readonly data: string } | { readonly code: Code; readonly message: string };

/** Names and values. */
export type ProbeHeader = [string, string][];

export interface Probe {
  /** @param service its full name; @param data the request's bytes, as binary.ts writes them */
  unary(service: string, method: string, data: string, header: ProbeHeader): Promise<ProbeReply>;
  /** Settles at the stream's end; messages go to `probeMessage`. */
  serverStream(id: number, service: string, method: string, data: string, header: ProbeHeader): Promise<ProbeReply>;
  cancel(id: number): void;
}

declare global {
  interface Window {
    probe: Promise<Probe>;
    /** What the test hears of a stream. */
    probeMessage(id: number, data: string): Promise<void>;
  }
}

const services = [
  file_etcdserverpb_auth,
  file_etcdserverpb_kv,
  file_etcdserverpb_lease,
  file_etcdserverpb_maintenance,
  file_etcdserverpb_cluster,
  file_etcdlite_v1_keys,
  file_etcdlite_v1_lease,
  file_etcdlite_v1_watch,
].flatMap(({ services }) => services);

function methodOf(service: string, name: string): DescMethodUnary | DescMethodStreaming {
  const found = services.find(({ typeName }) => typeName === service)?.methods.find((method) => method.name === name);
  if (found === undefined) throw new ConnectError(`the probe knows no ${service}/${name}`, Code.Unimplemented);
  return found;
}

async function replying(run: () => Promise<Uint8Array>): Promise<ProbeReply> {
  try {
    return { data: toBinaryText(await run()) };
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    return { code, message: rawMessage };
  }
}

async function openProbe(name: string): Promise<Probe> {
  const { transport } = await openStore({ name });
  const streams = new Map<number, AbortController>();
  return {
    unary: (service, name, data, header) =>
      replying(async () => {
        const method = methodOf(service, name) as DescMethodUnary;
        const request = fromBinary(method.input, fromBinaryText(data));
        const { message } = await transport.unary(method, undefined, undefined, header, request);
        return toBinary(method.output, message);
      }),
    serverStream: (id, service, name, data, header) =>
      replying(async () => {
        const method = methodOf(service, name) as DescMethodStreaming;
        const abort = new AbortController();
        streams.set(id, abort);
        const request = fromBinary(method.input, fromBinaryText(data));
        const input = (async function* () {
          yield request;
        })();
        const reply = await transport.stream(method, abort.signal, undefined, header, input);
        for await (const message of reply.message) {
          await window.probeMessage(id, toBinaryText(toBinary(method.output, message)));
        }
        return new Uint8Array();
      }),
    cancel: (id) => streams.get(id)?.abort(),
  };
}

window.probe = openProbe(new URLSearchParams(location.search).get("store") ?? "default");
