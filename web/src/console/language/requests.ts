/** The requests that etcdctl makes of `get`, `put` and `del`, on the command line and in the lines of a txn. */
import { create } from "@bufbuild/protobuf";
import {
  type DeleteRangeRequest,
  DeleteRangeRequestSchema,
  type PutRequest,
  PutRequestSchema,
  type RangeRequest,
  RangeRequest_SortOrder,
  type RangeRequest_SortTarget,
  RangeRequestSchema,
} from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { CommandError, EXIT } from "./errors.ts";
import type { FlagSpec, Parsed } from "./flags.ts";
import { SORT_TARGETS } from "./format.ts";
import { type GoString, toBytes, toText } from "./gostring.ts";
import { parseInt64 } from "./numbers.ts";
import { type KeyRange, rangeOfKind } from "./ranges.ts";

export const GET_FLAGS: readonly FlagSpec[] = [
  { name: "consistency", type: "string", help: "l: linearizable (default), s: serializable", values: ["l", "s"] },
  { name: "count-only", type: "bool", help: "only how many keys there are; with -w fields" },
  { name: "from-key", type: "bool", help: "the key and every key after it" },
  { name: "keys-only", type: "bool", help: "no values" },
  { name: "limit", type: "int", help: "at most so many keys" },
  { name: "max-create-rev", type: "int", help: "only keys created at this revision or before" },
  { name: "max-mod-rev", type: "int", help: "only keys modified at this revision or before" },
  { name: "min-create-rev", type: "int", help: "only keys created at this revision or after" },
  { name: "min-mod-rev", type: "int", help: "only keys modified at this revision or after" },
  { name: "order", type: "string", help: "ASCEND or DESCEND", values: ["ASCEND", "DESCEND"] },
  { name: "prefix", type: "bool", help: "every key that begins with the key" },
  { name: "print-value-only", type: "bool", help: "no keys; with -w simple" },
  { name: "rev", type: "int", help: "as the store was at this revision" },
  {
    ...{ name: "sort-by", type: "string", help: "CREATE, KEY, MODIFY, VALUE or VERSION" },
    values: Object.keys(SORT_TARGETS),
  },
  { name: "stream", type: "bool", help: "by the RangeStream RPC" },
];

export const PUT_FLAGS: readonly FlagSpec[] = [
  { name: "ignore-lease", type: "bool", help: "keep the lease that the key has" },
  { name: "ignore-value", type: "bool", help: "keep the value that the key has" },
  { name: "lease", type: "string", help: "ID of the lease to attach, in hexadecimal" },
  { name: "prev-kv", type: "bool", help: "print what the key was before" },
];

export const DEL_FLAGS: readonly FlagSpec[] = [
  { name: "from-key", type: "bool", help: "the key and every key after it" },
  { name: "prefix", type: "bool", help: "every key that begins with the key" },
  { name: "prev-kv", type: "bool", help: "print what was deleted" },
  { name: "range", type: "bool", help: "a range is meant: delete it without waiting" },
];

export function rangeRequest(parsed: Parsed): RangeRequest {
  const { args } = parsed;
  if (args.length === 0) throw badArgs("get command needs one argument as key and an optional argument as range_end");
  oneOf(parsed, "prefix", "from-key");
  oneOf(parsed, "keys-only", "count-only");
  const serializable = isSerializable(parsed.text("consistency"));
  const range = rangeOf(parsed);
  const target = sortTarget(parsed.text("sort-by"));
  const order = sortOrder(parsed.text("order"));
  const positive = (flag: string): bigint => (parsed.int(flag) > 0n ? parsed.int(flag) : 0n);
  return create(RangeRequestSchema, {
    ...range,
    limit: parsed.int("limit"),
    revision: positive("rev"),
    sortTarget: target,
    // Ascending keys need no sorting.
    sortOrder:
      target === SORT_TARGETS.KEY && order === RangeRequest_SortOrder.ASCEND ? RangeRequest_SortOrder.NONE : order,
    serializable,
    keysOnly: parsed.has("keys-only"),
    countOnly: parsed.has("count-only"),
    ...bounds(parsed, "Create", positive("min-create-rev"), positive("max-create-rev")),
    ...bounds(parsed, "Mod", positive("min-mod-rev"), positive("max-mod-rev")),
  });
}

function bounds(parsed: Parsed, what: "Create" | "Mod", min: bigint, max: bigint): Record<string, bigint> {
  const flag = `${what.toLowerCase()}-rev`;
  if (max > 0n && parsed.int(`min-${flag}`) > max) {
    throw new CommandError(`getMin${what}Rev(=${min}) > getMax${what}Rev(=${max})`, EXIT.badFeature);
  }
  return { [`min${what}Revision`]: min, [`max${what}Revision`]: max };
}

/** @throws CommandError for what is neither `l` nor `s` */
export function isSerializable(consistency: GoString): boolean {
  if (consistency !== "" && consistency !== "l" && consistency !== "s") {
    throw new CommandError(`unknown consistency flag "${toText(consistency)}"`, EXIT.badFeature);
  }
  return consistency === "s";
}

function sortOrder(text: GoString): RangeRequest_SortOrder {
  const order = { "": "NONE", ASCEND: "ASCEND", DESCEND: "DESCEND" }[text.toUpperCase()];
  if (order === undefined) throw new CommandError(`bad sort order ${toText(text)}`, EXIT.badFeature);
  return RangeRequest_SortOrder[order as keyof typeof RangeRequest_SortOrder];
}

function sortTarget(text: GoString): RangeRequest_SortTarget {
  const target = SORT_TARGETS[text === "" ? "KEY" : text.toUpperCase()];
  if (target === undefined) throw new CommandError(`bad sort target ${toText(text)}`, EXIT.badFeature);
  return target;
}

/** @param value where it is not an argument; undefined if there is none */
export function putRequest(parsed: Parsed, value?: GoString): PutRequest {
  const { args } = parsed;
  const missing = "put command needs 1 argument and input from stdin or 2 arguments";
  const ignoreValue = parsed.has("ignore-value");
  if (args.length === 0) throw badArgs(missing);
  if (ignoreValue && args.length > 1) {
    throw badArgs("put command needs only 1 argument when 'ignore-value' is set");
  }
  const given = ignoreValue ? "" : (args[1] ?? value);
  if (given === undefined) throw badArgs(missing);
  return create(PutRequestSchema, {
    key: toBytes(args[0] ?? ""),
    value: toBytes(given),
    lease: parsed.has("lease") ? leaseId(parsed.text("lease"), "bad lease ID") : 0n,
    prevKv: parsed.has("prev-kv"),
    ignoreValue,
    ignoreLease: parsed.has("ignore-lease"),
  });
}

/** @throws CommandError that begins with `complaint` */
export function leaseId(text: GoString, complaint: string): bigint {
  try {
    return parseInt64(text, 16);
  } catch (error) {
    throw badArgs(`${complaint} (${(error as Error).message}), expecting ID in Hex`);
  }
}

export function deleteRequest(parsed: Parsed): DeleteRangeRequest {
  const { args } = parsed;
  if (args.length === 0 || args.length > 2) {
    throw badArgs("del command needs one argument as key and an optional argument as range_end");
  }
  oneOf(parsed, "prefix", "from-key");
  return create(DeleteRangeRequestSchema, { ...rangeOf(parsed), prevKv: parsed.has("prev-kv") });
}

function rangeOf(parsed: Parsed): KeyRange {
  const [key = "", rangeEnd] = parsed.args;
  const kind = parsed.has("prefix") ? "prefix" : parsed.has("from-key") ? "from" : undefined;
  if (kind !== undefined && rangeEnd !== undefined) {
    throw badArgs("too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
  }
  return rangeOfKind(kind ?? (rangeEnd === undefined ? "single" : "range"), toBytes(key), toBytes(rangeEnd ?? ""));
}

function oneOf(parsed: Parsed, a: string, b: string): void {
  if (parsed.has(a) && parsed.has(b)) {
    throw badArgs(`\`--${a}\` and \`--${b}\` cannot be set at the same time, choose one`);
  }
}

export function badArgs(message: string): CommandError {
  return new CommandError(message, EXIT.badArgs);
}
