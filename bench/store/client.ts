/** Fills a server over gRPC, many puts to a txn, and reads what the system says a process takes. */
import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { KV, PutRequestSchema, RequestOpSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";

/** etcd's default limit on the operations of a txn. */
const PUTS_PER_TXN = 128;
const TXNS_AT_ONCE = 8;

export interface Loader {
  readonly kv: Client<typeof KV>;
  close(): void;
}

export function connect(url: string): Loader {
  const sessionManager = new Http2SessionManager(url);
  const kv = createClient(KV, createGrpcTransport({ baseUrl: url, sessionManager }));
  return { kv, close: () => sessionManager.abort() };
}

export interface Load {
  readonly puts: number;
  /** Puts go round so many keys. */
  readonly keys: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

export async function fill({ kv }: Loader, load: Load): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < load.puts) {
      const first = next;
      next += PUTS_PER_TXN;
      const count = Math.min(PUTS_PER_TXN, load.puts - first);
      await kv.txn({ success: Array.from({ length: count }, (_, at) => putOp(load, first + at)) });
    }
  };
  await Promise.all(Array.from({ length: TXNS_AT_ONCE }, worker));
}

function putOp({ keys, keyBytes, valueBytes }: Load, number: number) {
  const value = Buffer.alloc(valueBytes, `value ${number} `);
  const put = create(PutRequestSchema, { key: Buffer.from(keyOf(number % keys, keyBytes)), value });
  return create(RequestOpSchema, { request: { case: "requestPut", value: put } });
}

/** Keys in no order of their numbers, as those of a real store come. */
export function keyOf(number: number, bytes: number): string {
  const scattered = (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  return `/registry/pods/${scattered}/${number}/`.padEnd(bytes, "x").slice(0, bytes);
}

/** Resident memory now, and at its largest. */
export function memoryOf(pid: number): { readonly rssMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { rssMb: field("VmRSS"), peakMb: field("VmHWM") };
}
