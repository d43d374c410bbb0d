/** Requests as the words of an etcdctl command: what `requests.ts` reads, written. */
import type { DeleteRangeRequest, PutRequest, RangeRequest } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { RangeRequest_SortOrder, RangeRequest_SortTarget } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import type { WatchCreateRequest } from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { fromBytes, type GoString, quote } from "./gostring.ts";
import { type KeyRange, kindOfRange } from "./ranges.ts";

export interface CommandWords {
  /** `get`, `lease grant` */
  readonly name: string;
  readonly flags: readonly string[];
  readonly args: readonly GoString[];
  /** What of the request these words do not say. */
  readonly lost: readonly string[];
}

export const SORT_TARGETS: Record<string, RangeRequest_SortTarget> = {
  CREATE: RangeRequest_SortTarget.CREATE,
  KEY: RangeRequest_SortTarget.KEY,
  MODIFY: RangeRequest_SortTarget.MOD,
  VALUE: RangeRequest_SortTarget.VALUE,
  VERSION: RangeRequest_SortTarget.VERSION,
};

export function getWords(request: RangeRequest): CommandWords {
  const { flags, args } = rangeWords(request);
  const lost: string[] = [];
  const number = (flag: string, value: bigint): void => {
    if (value > 0n) flags.push(`--${flag}=${value}`);
    else if (value < 0n) lost.push(`${flag}=${value}: etcdctl sends no negative revision`);
  };
  if (request.limit !== 0n) flags.push(`--limit=${request.limit}`);
  number("rev", request.revision);
  flags.push(...sortFlags(request));
  if (request.serializable) flags.push("--consistency=s");
  if (request.keysOnly) flags.push("--keys-only");
  if (request.countOnly && request.keysOnly) lost.push("count_only: etcdctl takes it or --keys-only, not both");
  else if (request.countOnly) flags.push("--count-only");
  number("min-create-rev", request.minCreateRevision);
  number("max-create-rev", request.maxCreateRevision);
  number("min-mod-rev", request.minModRevision);
  number("max-mod-rev", request.maxModRevision);
  return { name: "get", flags, args, lost };
}

function sortFlags({ sortOrder, sortTarget }: RangeRequest): string[] {
  // Keys come ascending anyway; etcdctl leaves that order out.
  if (sortTarget === RangeRequest_SortTarget.KEY && sortOrder === RangeRequest_SortOrder.ASCEND) return [];
  const flags: string[] = [];
  if (sortOrder === RangeRequest_SortOrder.ASCEND) flags.push("--order=ASCEND");
  if (sortOrder === RangeRequest_SortOrder.DESCEND) flags.push("--order=DESCEND");
  const target = Object.entries(SORT_TARGETS).find(([, value]) => value === sortTarget)?.[0];
  if (target !== undefined && target !== "KEY") flags.push(`--sort-by=${target}`);
  return flags;
}

export function putWords(request: PutRequest): CommandWords {
  const flags: string[] = [];
  const lost: string[] = [];
  if (request.lease !== 0n) flags.push(`--lease=${request.lease.toString(16)}`);
  if (request.prevKv) flags.push("--prev-kv");
  if (request.ignoreValue) flags.push("--ignore-value");
  if (request.ignoreLease) flags.push("--ignore-lease");
  if (request.ignoreValue && request.value.length > 0) lost.push("value: etcdctl sends none with --ignore-value");
  const key = fromBytes(request.key);
  return { name: "put", flags, args: request.ignoreValue ? [key] : [key, fromBytes(request.value)], lost };
}

export function delWords(request: DeleteRangeRequest): CommandWords {
  const { flags, args } = rangeWords(request);
  // Without it etcdctl waits two seconds for second thoughts.
  if (args.length > 1) flags.push("--range");
  if (request.prevKv) flags.push("--prev-kv");
  return { name: "del", flags, args, lost: [] };
}

/** The key and the flags or the second argument that make a range of it. */
export function rangeWords(range: KeyRange): { flags: string[]; args: GoString[] } {
  const key = fromBytes(range.key);
  switch (kindOfRange(range)) {
    case "single":
      return { flags: [], args: [key] };
    case "all":
      return { flags: ["--prefix"], args: [""] };
    case "prefix":
      return { flags: ["--prefix"], args: [key] };
    case "from":
      return { flags: ["--from-key"], args: [key] };
    case "range":
      return { flags: [], args: [key, fromBytes(range.rangeEnd)] };
  }
}

/** As a line of a txn: the arguments in Go's quotes, which can say every byte. */
export function lineOf({ name, flags, args }: CommandWords): string {
  return [name, ...flags, ...separator(args), ...args.map(quote)].join(" ");
}

/** Ends the flags where an argument would be taken for one. */
export function separator(args: readonly GoString[]): string[] {
  return args.some((arg) => arg.startsWith("-")) ? ["--"] : [];
}

export function watchWords(request: WatchCreateRequest): CommandWords {
  const { flags, args } = rangeWords(request);
  const lost: string[] = [];
  if (flags[0] === "--from-key") {
    flags.pop();
    args.push("\0");
  }
  if (request.startRevision !== 0n) flags.push(`--rev=${request.startRevision}`);
  if (request.prevKv) flags.push("--prev-kv");
  if (request.progressNotify) flags.push("--progress-notify");
  if (request.filters.length > 0) lost.push("filters: etcdctl shows events of every type");
  return { name: "watch", flags, args, lost };
}
