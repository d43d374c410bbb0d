/** Messages of every type there is, for properties that must hold of all. */
import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { file_etcdserverpb_auth } from "../../../../src/gen/etcdserverpb/auth_pb.ts";
import { file_etcdserverpb_cluster } from "../../../../src/gen/etcdserverpb/cluster_pb.ts";
import { file_etcdserverpb_kv } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { file_etcdserverpb_lease } from "../../../../src/gen/etcdserverpb/lease_pb.ts";
import { file_etcdserverpb_maintenance } from "../../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { file_etcdserverpb_watch } from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { file_grpc_health_v1_health } from "../../../../src/gen/grpc/health/v1/health_pb.ts";

const FILES = [
  file_etcdserverpb_kv,
  file_etcdserverpb_watch,
  file_etcdserverpb_lease,
  file_etcdserverpb_cluster,
  file_etcdserverpb_maintenance,
  file_etcdserverpb_auth,
  file_grpc_health_v1_health,
];
/** Name and descriptor of each. */
export const MESSAGES = FILES.flatMap((file) => file.messages).map((message) => [message.typeName, message] as const);

/** Deep enough for a txn in a txn. */
const MAX_DEPTH = 6;

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  const edges64 = fc.constantFrom(0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n);
  switch (type) {
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(0, -1, 127, 128));
    case ScalarType.UINT32:
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case ScalarType.INT64:
      return fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), edges64, fc.constant(-1n));
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), edges64);
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 300 });
    case ScalarType.STRING:
      return fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "grapheme", maxLength: 50 }));
    default:
      throw new Error(`no arbitrary for ${ScalarType[type]}`);
  }
}

function single(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return message(field.message, depth + 1);
  if (field.enum !== undefined) return fc.oneof(fc.constantFrom(...field.enum.values.map((v) => v.number)), fc.nat());
  return scalar(field.scalar as ScalarType);
}

export function message<D extends DescMessage>(desc: D, depth = 0): fc.Arbitrary<MessageShape<D>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const plain = desc.fields.filter((field) => field.oneof === undefined && field.fieldKind !== "map");
  for (const field of plain) {
    if (depth >= MAX_DEPTH && field.message !== undefined) continue;
    if (field.fieldKind === "list") fields[field.localName] = fc.array(single(field, depth + 1), { maxLength: 3 });
    else fields[field.localName] = fc.option(single(field, depth), { nil: undefined });
  }
  for (const oneof of desc.oneofs) {
    const cases = oneof.fields.filter((field) => depth < MAX_DEPTH || field.message === undefined);
    if (cases.length === 0) continue;
    fields[oneof.localName] = fc.oneof(
      fc.constant({ case: undefined }),
      ...cases.map((field) => single(field, depth).map((value) => ({ case: field.localName, value }))),
    );
  }
  return fc.record(fields).map((init) => create(desc, withoutUndefined(init) as MessageInitShape<D>));
}

function withoutUndefined(init: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}
