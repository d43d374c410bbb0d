/** Whole requests of Connect and gRPC-Web on the lean road, and the same by Connect's router: what comes back is equal. */
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { etcdServices } from "../../../src/rpc/index.ts";
import { envelope, type HttpRequest, Road } from "../../rpc/web/support/roads.ts";
import { EXAMPLES, newEtcd } from "../messages.ts";
import { hold, type Target, utf8 } from "../target.ts";

const PATHS: Readonly<Record<string, string>> = {
  "etcdserverpb.PutRequest": "/etcdserverpb.KV/Put",
  "etcdserverpb.RangeRequest": "/etcdserverpb.KV/Range",
  "etcdserverpb.TxnRequest": "/etcdserverpb.KV/Txn",
  "etcdserverpb.CompactionRequest": "/etcdserverpb.KV/Compact",
};
const ALL_PATHS = Object.values(PATHS);
const TYPES = ["application/json", "application/proto", "application/grpc-web", "application/grpc-web+json"];
const TIMEOUTS = [undefined, "1000", "10S", "0"];

/** The first two bytes say where the others go, and how. */
export function open(): Target {
  const known = EXAMPLES.filter(({ desc }) => desc.typeName in PATHS);
  return {
    seeds: known.flatMap(({ desc, message }) => {
      const path = ALL_PATHS.indexOf(PATHS[desc.typeName] as string);
      const [json, binary] = [utf8(toJsonString(desc, message)), toBinary(desc, message)];
      const bodies = [json, binary, envelope(binary), envelope(json)];
      return bodies.map((body, type) => Uint8Array.of(path, type, ...body));
    }),
    dictionary: ['"key":', '"value":', "null", "{}", "[]", '"AA=="', "1e3", "\ufeff", "\\ud800", envelope(utf8("{}"))],
    maxBytes: 2000,
    run: async (input) => {
      const roads = [true, false].map((isLean) => {
        const etcd = newEtcd();
        return { etcd, road: new Road(isLean, { bindings: etcdServices(etcd, { bcryptCost: 4 }) }) };
      });
      const replies = await Promise.all(roads.map(({ road }) => road.ask(requestOf(input))));
      for (const { etcd } of roads) etcd.close();
      const faults = roads.flatMap(({ road }) => road.faults);
      hold(faults.length === 0, `there is no fault of ours: ${faults[0]}`);
      const [lean, plain] = replies.map(({ reply }) => JSON.stringify(reply));
      hold(lean === plain, `the router's answer: ${plain}, and not ${lean}`);
    },
  };
}

function requestOf(input: Uint8Array): HttpRequest {
  const [path = 0, how = 0] = input;
  const timeout = TIMEOUTS[(how >> 2) % TIMEOUTS.length];
  return {
    method: "POST",
    path: ALL_PATHS[path % ALL_PATHS.length] as string,
    headers: {
      "content-type": TYPES[how % TYPES.length] as string,
      ...(timeout !== undefined && { "connect-timeout-ms": timeout, "grpc-timeout": timeout }),
    },
    body: input.subarray(2),
  };
}
