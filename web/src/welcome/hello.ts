/** The tour's one key: put, and taken back to what it was. */
import { create } from "@bufbuild/protobuf";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  RequestOpSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { utf8 } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { HELLO_KEY } from "./sample.ts";

export interface HelloPut {
  readonly revision: number;
  /** Undefined where there was no key. */
  readonly before: Uint8Array | undefined;
}

export async function putHello(clients: Clients): Promise<HelloPut> {
  const value = utf8(`Hello from your own etcd, at ${new Date().toLocaleTimeString("en")}`);
  const { header, prevKv } = await clients.kv.put({ key: HELLO_KEY, value, prevKv: true });
  return { revision: Number(header?.revision ?? 0n), before: prevKv?.value };
}

/** @returns false where the key was changed since, and so was left alone */
export async function undoHello(clients: Clients, { revision, before }: HelloPut): Promise<boolean> {
  const key = HELLO_KEY;
  const unchanged = create(CompareSchema, {
    ...{ key, target: Compare_CompareTarget.MOD, result: Compare_CompareResult.EQUAL },
    targetUnion: { case: "modRevision", value: BigInt(revision) },
  });
  const back =
    before === undefined
      ? create(RequestOpSchema, { request: { case: "requestDeleteRange", value: { key } } })
      : create(RequestOpSchema, { request: { case: "requestPut", value: { key, value: before } } });
  return (await clients.kv.txn({ compare: [unchanged], success: [back] })).succeeded;
}
