/** The rows of an etcd that has done a bit of everything: as its journal holds them, and as a snapshot does. */
import { openEtcd } from "../../src/driver/index.ts";
import { BUCKETS, type Bucket, MemoryJournal, MemoryStorage, type Row, type RowList } from "../../src/journal/index.ts";
import { Gateway, type GatewayReply, type GatewayStreamReply } from "../../src/rpc/index.ts";
import { databaseRowsOf } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";
import { utf8 } from "./target.ts";

export interface StoredRow extends Row {
  readonly bucket: Bucket;
}

export interface Stored {
  readonly rows: readonly StoredRow[];
  readonly lists: readonly RowList[];
}

const base64 = (text: string): string => btoa(text);
const key = base64("/key/");
const PUTS = Array.from({ length: 20 }, (_, i) => [
  "kv/put",
  `{"key":"${base64(`/key/${i % 7}`)}","value":"${base64(`value ${i}`)}","lease":"${i % 5 === 0 ? 7 : 0}"}`,
]);
const REQUESTS = [
  ["lease/grant", '{"ID":"7","TTL":"600"}'],
  ...PUTS,
  ["kv/deleterange", `{"key":"${base64("/key/3")}","range_end":"${base64("/key/5")}"}`],
  ["kv/txn", `{"success":[{"request_put":{"key":"${key}","value":"${key}"}},{"request_put":{"key":"eg=="}}]}`],
  ["kv/compaction", '{"revision":"10"}'],
  ["auth/user/add", '{"name":"root","password":"pw"}'],
  ["auth/user/add", '{"name":"ann","options":{"no_password":true}}'],
  ["auth/role/add", '{"name":"root"}'],
  ["auth/role/add", '{"name":"reader"}'],
  ["auth/role/grant", `{"name":"reader","perm":{"permType":"READ","key":"${key}","range_end":"AA=="}}`],
  ["auth/user/grant", '{"user":"root","role":"root"}'],
  ["auth/user/grant", '{"user":"ann","role":"reader"}'],
  ["cluster/member/add", '{"peerURLs":["http://127.0.0.1:2390"],"isLearner":true}'],
  ["maintenance/alarm", '{"action":"ACTIVATE","alarm":"NOSPACE","memberID":"1"}'],
  ["auth/enable", "{}"],
];

export async function storeSomething(): Promise<Stored> {
  const storage = new MemoryStorage();
  const opened = await openEtcd({
    options: { clock: new VirtualClock() },
    journal: new MemoryJournal(storage),
    services: { bcryptCost: 4 },
  });
  const gateway = new Gateway({
    bindings: opened.bindings,
    maxMessageBytes: 1024 * 1024,
    shutdownSignal: new AbortController().signal,
    onFault: (path, error) => {
      throw new Error(path, { cause: error });
    },
  });
  for (const [path, text] of REQUESTS) {
    const reply = await ask(gateway, `/v3/${path}`, text ?? "");
    if (reply?.status !== 200) throw new Error(`${path}: ${reply?.status}`);
  }
  const lists = databaseRowsOf(opened.etcd).sort((a, b) => (a.bucket < b.bucket ? -1 : 1));
  await opened.close();
  const rows = BUCKETS.flatMap((bucket) =>
    [...(storage.buckets.get(bucket)?.values() ?? [])].map((row) => ({ bucket, ...row })),
  );
  return { rows, lists };
}

/** One unary call. */
export function ask(
  gateway: Gateway,
  target: string,
  text: string,
): Promise<GatewayReply | GatewayStreamReply | undefined> {
  const body = (async function* () {
    yield utf8(text);
  })();
  return gateway.handle({ method: "POST", target, headers: {}, body, signal: new AbortController().signal });
}
