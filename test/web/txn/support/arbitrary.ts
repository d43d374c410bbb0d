/** Txn requests as the builder makes them. */
import { create } from "@bufbuild/protobuf";
import {
  type Compare,
  CompareSchema,
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
} from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { rangeOfKind } from "../../../../web/src/console/language/ranges.ts";
import { fc } from "../../../support/property.ts";

/** Bytes of every kind, most often those that a text must say with care. */
const bytes = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 4 }),
  fc
    .constantFrom("-a", "--prefix", '"q"', "it's", "a\\b", "\n", " ", "#", "{", "}", "(", ")", "txn {")
    .map((text) => new TextEncoder().encode(text)),
);
const keys = bytes.filter((key) => key.length > 0);
const revision = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const kinds = fc.constantFrom("single", "all", "prefix", "from", "range" as const);
const ranges = fc.tuple(kinds, keys, keys).map(([kind, key, end]) => rangeOfKind(kind as "single", key, end));

const targets = fc.oneof(
  bytes.map((value) => ({ target: 3, targetUnion: { case: "value", value } }) as const),
  revision.map((value) => ({ target: 0, targetUnion: { case: "version", value } }) as const),
  revision.map((value) => ({ target: 1, targetUnion: { case: "createRevision", value } }) as const),
  revision.map((value) => ({ target: 2, targetUnion: { case: "modRevision", value } }) as const),
);
const leaseTarget = revision.map((value) => ({ target: 4, targetUnion: { case: "lease", value } }) as const);

function compares(isEtcdctls: boolean): fc.Arbitrary<Compare> {
  const target = isEtcdctls ? targets : fc.oneof(targets, leaseTarget);
  const end = isEtcdctls ? fc.constant(new Uint8Array()) : fc.oneof(fc.constant(new Uint8Array()), bytes);
  return fc
    .tuple(fc.constantFrom(0, 1, 2, 3), keys, end, target)
    .map(([result, key, rangeEnd, compared]) => create(CompareSchema, { result, key, rangeEnd, ...compared } as never));
}

const puts = fc
  .record({
    ...{ key: keys, value: bytes, lease: fc.oneof(fc.constant(0n), revision) },
    ...{ prevKv: fc.boolean(), ignoreValue: fc.boolean(), ignoreLease: fc.boolean() },
  })
  .map((put) => ({ case: "requestPut", value: put.ignoreValue ? { ...put, value: new Uint8Array() } : put }) as const);

const gets = fc
  .tuple(
    ranges,
    fc.record({
      ...{ limit: revision, revision, sortTarget: fc.constantFrom(0, 1, 2, 3, 4), sortOrder: fc.constantFrom(0, 1, 2) },
      ...{ serializable: fc.boolean(), keysOnly: fc.boolean(), countOnly: fc.boolean() },
      ...{ minModRevision: revision, minCreateRevision: revision },
    }),
  )
  .map(([range, options]) => {
    const countOnly = options.countOnly && !options.keysOnly;
    const sortOrder = options.sortTarget === 0 && options.sortOrder === 1 ? 0 : options.sortOrder;
    return { case: "requestRange", value: { ...range, ...options, countOnly, sortOrder } } as const;
  });

const dels = fc
  .tuple(ranges, fc.boolean())
  .map(([range, prevKv]) => ({ case: "requestDeleteRange", value: { ...range, prevKv } }) as const);

const simpleOps = fc.oneof(puts, gets, dels).map((request) => create(RequestOpSchema, { request } as never));

/** @param isEtcdctls only what etcdctl's text can say */
export function txnRequests({ isEtcdctls }: { readonly isEtcdctls: boolean }, depth = 2): fc.Arbitrary<TxnRequest> {
  const nested: fc.Arbitrary<RequestOp> =
    isEtcdctls || depth === 0
      ? simpleOps
      : fc.oneof(
          { weight: 6, arbitrary: simpleOps },
          {
            weight: 1,
            arbitrary: txnRequests({ isEtcdctls }, depth - 1).map((value) =>
              create(RequestOpSchema, { request: { case: "requestTxn", value } }),
            ),
          },
        );
  const ops = fc.array(nested, { maxLength: 3 });
  return fc
    .record({ compare: fc.array(compares(isEtcdctls), { maxLength: 3 }), success: ops, failure: ops })
    .map((parts) => create(TxnRequestSchema, parts));
}
