/** Whole requests to the gateway, on a new etcd each: paths, headers and bodies. No fault of ours, and no 500 for it. */

import { etcdServices, Gateway } from "../../../src/rpc/index.ts";
import { encodeJson } from "../../../src/rpc/json/encoder.ts";
import { EXAMPLES, newEtcd } from "../messages.ts";
import { type Target, textOf, utf8 } from "../target.ts";

const MAX_LINES = 3;
/** Real time: waiting for a lock that another has ends by it. */
const TIMEOUT = "20m";

const PATHS: Readonly<Record<string, string>> = {
  "etcdserverpb.PutRequest": "/v3/kv/put",
  "etcdserverpb.RangeRequest": "/v3/kv/range",
  "etcdserverpb.TxnRequest": "/v3/kv/txn",
  "etcdserverpb.CompactionRequest": "/v3/kv/compaction",
  "etcdserverpb.WatchRequest": "/v3/watch",
  "etcdserverpb.LeaseGrantRequest": "/v3/lease/grant",
};

/** Requests with a blank line between them, each a path, a line break and a body. */
export function open(): Target {
  const known = EXAMPLES.filter(({ desc }) => desc.typeName in PATHS);
  const requests = known.map(
    ({ desc, message }) => `${PATHS[desc.typeName]}\n${Buffer.from(encodeJson(desc, message)).toString()}`,
  );
  const more = ["/v3/lock/lock\n{}", "/v3/maintenance/status\n{}", "/v3/cluster/member/list\n", "/v3/lease/leases\n{}"];
  return {
    seeds: [...requests, ...more, requests.join("\n\n"), [...more, ...more].join("\n\n")].map(utf8),
    dictionary: [...Object.values(PATHS), "/v3/", "/../", "//", "%2e", "\n\n", "{}", "/v3/election/campaign\n", "?"],
    maxBytes: 2000,
    run: async (input) => {
      const faults: unknown[] = [];
      const shutdown = new AbortController();
      const etcd = newEtcd();
      const gateway = new Gateway({
        bindings: etcdServices(etcd, { bcryptCost: 4 }),
        maxMessageBytes: 1024 * 1024,
        shutdownSignal: shutdown.signal,
        onFault: (path, error) => faults.push(new Error(`a fault of ${path}`, { cause: error })),
      });
      for (const request of textOf(input).split("\n\n").slice(0, 5)) await ask(gateway, request);
      etcd.close();
      if (faults.length > 0) throw faults[0];
    },
  };
}

async function ask(gateway: Gateway, request: string): Promise<void> {
  const [target = "", ...lines] = request.split("\n");
  const left = new AbortController();
  const reply = await gateway.handle({
    method: "POST",
    target,
    headers: { host: "localhost", "grpc-timeout": TIMEOUT },
    body: piecesOf(utf8(lines.join("\n"))),
    signal: left.signal,
  });
  if (reply === undefined || reply.body instanceof Uint8Array) return;
  let count = 0;
  for await (const _ of reply.body) if (++count >= MAX_LINES) break;
  left.abort();
}

async function* piecesOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  const middle = body.length >> 1;
  yield body.slice(0, middle);
  yield body.slice(middle);
}
