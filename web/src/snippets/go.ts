import { isMessage, type Message } from "@bufbuild/protobuf";
import {
  CompactionRequestSchema,
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  type RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeRequestSchema,
  type RequestOp,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseLeasesRequestSchema,
  LeaseRevokeRequestSchema,
  LeaseTimeToLiveRequestSchema,
} from "../../../src/gen/etcdserverpb/lease_pb.ts";
import {
  AlarmRequest_AlarmAction,
  AlarmRequestSchema,
  DefragmentRequestSchema,
  HashKVRequestSchema,
  SnapshotRequestSchema,
  StatusRequestSchema,
} from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { type WatchCreateRequest, WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { fromBytes, quote, toText } from "../console/language/gostring.ts";
import { type KeyRange, kindOfRange } from "../console/language/ranges.ts";
import { MASK } from "../store/secrets.ts";
import { authCall } from "./goauth.ts";
import { type Place, withNote } from "./place.ts";

/** The call by etcd's own client, clientv3. */
export function goFor(request: Message, place: Place): string {
  const call = callOf(request, place);
  if (call === undefined) return `// clientv3 has no call for ${request.$typeName.replace(/Request$/, "")}.`;
  const isWatch = isMessage(request, WatchCreateRequestSchema);
  const run = isWatch
    ? `for resp := range ${call} {\n\tfmt.Println(resp.Events, resp.Err())\n}`
    : `resp, err := ${call}\nif err != nil {\n\tlog.Fatal(err)\n}\nfmt.Println(resp)`;
  const text = `// import clientv3 "go.etcd.io/etcd/client/v3"
ctx := context.Background()
cli, err := clientv3.New(clientv3.Config{Endpoints: []string{${JSON.stringify(place.url)}}${userFields(place)}})
if err != nil {
	log.Fatal(err)
}
defer cli.Close()

${run}`;
  return withNote("//", place, text);
}

function userFields({ user }: Place): string {
  return user === undefined ? "" : `, Username: ${JSON.stringify(user)}, Password: "${MASK}"`;
}

function callOf(request: Message, place: Place): string | undefined {
  if (isMessage(request, RangeRequestSchema)) return `cli.Get(ctx, ${rangeArguments(request, getOptions(request))})`;
  if (isMessage(request, PutRequestSchema)) return `cli.Put(ctx, ${putArguments(request)})`;
  if (isMessage(request, DeleteRangeRequestSchema)) {
    return `cli.Delete(ctx, ${rangeArguments(request, request.prevKv ? ["clientv3.WithPrevKV()"] : [])})`;
  }
  if (isMessage(request, TxnRequestSchema)) {
    const part = (name: string, lines: readonly string[]): string =>
      lines.length === 0 ? "" : `.\n\t${name}(\n${lines.map((line) => `\t\t${line},\n`).join("")}\t)`;
    const { compare, success, failure } = request;
    const parts = [part("If", compare.map(compareText)), part("Then", success.map(opText))];
    return `cli.Txn(ctx)${parts.join("")}${part("Else", failure.map(opText))}.\n\tCommit()`;
  }
  if (isMessage(request, WatchCreateRequestSchema)) return `cli.Watch(ctx, ${watchArguments(request)})`;
  if (isMessage(request, CompactionRequestSchema)) {
    return `cli.Compact(ctx, ${request.revision}${request.physical ? ", clientv3.WithCompactPhysical()" : ""})`;
  }
  return leaseCall(request) ?? maintenanceCall(request, place) ?? authCall(request);
}

function leaseCall(request: Message): string | undefined {
  const call = (name: string, id: bigint, rest = ""): string =>
    `cli.${name}(ctx, clientv3.LeaseID(0x${id.toString(16)})${rest})`;
  if (isMessage(request, LeaseGrantRequestSchema)) return `cli.Grant(ctx, ${request.TTL})`;
  if (isMessage(request, LeaseRevokeRequestSchema)) return call("Revoke", request.ID);
  if (isMessage(request, LeaseKeepAliveRequestSchema)) return call("KeepAliveOnce", request.ID);
  if (isMessage(request, LeaseLeasesRequestSchema)) return "cli.Leases(ctx)";
  if (!isMessage(request, LeaseTimeToLiveRequestSchema)) return undefined;
  return call("TimeToLive", request.ID, request.keys ? ", clientv3.WithAttachedKeys()" : "");
}

function maintenanceCall(request: Message, { url }: Place): string | undefined {
  const endpoint = JSON.stringify(url);
  if (isMessage(request, StatusRequestSchema)) return `cli.Status(ctx, ${endpoint})`;
  if (isMessage(request, DefragmentRequestSchema)) return `cli.Defragment(ctx, ${endpoint})`;
  if (isMessage(request, HashKVRequestSchema)) return `cli.HashKV(ctx, ${endpoint}, ${request.revision})`;
  if (isMessage(request, SnapshotRequestSchema)) return "cli.SnapshotWithVersion(ctx)";
  if (!isMessage(request, AlarmRequestSchema)) return undefined;
  if (request.action === AlarmRequest_AlarmAction.GET) return "cli.AlarmList(ctx)";
  if (request.action !== AlarmRequest_AlarmAction.DEACTIVATE) return undefined;
  return "cli.AlarmDisarm(ctx, &clientv3.AlarmMember{})";
}

function text(bytes: Uint8Array): string {
  return toText(quote(fromBytes(bytes)));
}

function rangeArguments(range: KeyRange, options: readonly string[]): string {
  const [key, option] = rangeParts(range);
  return [key, ...option, ...options].join(", ");
}

function rangeParts(range: KeyRange): [string, string[]] {
  const key = text(range.key);
  switch (kindOfRange(range)) {
    case "single":
      return [key, []];
    case "all":
      return ['""', ["clientv3.WithPrefix()"]];
    case "prefix":
      return [key, ["clientv3.WithPrefix()"]];
    case "from":
      return [key, ["clientv3.WithFromKey()"]];
    case "range":
      return [key, [`clientv3.WithRange(${text(range.rangeEnd)})`]];
  }
}

const TARGETS: Record<RangeRequest_SortTarget, string> = {
  [RangeRequest_SortTarget.KEY]: "SortByKey",
  [RangeRequest_SortTarget.VERSION]: "SortByVersion",
  [RangeRequest_SortTarget.CREATE]: "SortByCreateRevision",
  [RangeRequest_SortTarget.MOD]: "SortByModRevision",
  [RangeRequest_SortTarget.VALUE]: "SortByValue",
};

function getOptions(request: RangeRequest): string[] {
  const options: string[] = [];
  const add = (wanted: unknown, option: string): void => {
    if (wanted) options.push(`clientv3.${option}`);
  };
  const order = request.sortOrder === RangeRequest_SortOrder.DESCEND ? "SortDescend" : "SortAscend";
  add(request.limit, `WithLimit(${request.limit})`);
  add(request.revision, `WithRev(${request.revision})`);
  add(request.sortOrder, `WithSort(clientv3.${TARGETS[request.sortTarget]}, clientv3.${order})`);
  add(request.serializable, "WithSerializable()");
  add(request.keysOnly, "WithKeysOnly()");
  add(request.countOnly, "WithCountOnly()");
  add(request.minCreateRevision, `WithMinCreateRev(${request.minCreateRevision})`);
  add(request.maxCreateRevision, `WithMaxCreateRev(${request.maxCreateRevision})`);
  add(request.minModRevision, `WithMinModRev(${request.minModRevision})`);
  add(request.maxModRevision, `WithMaxModRev(${request.maxModRevision})`);
  return options;
}

interface Put {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

function putArguments(request: Put): string {
  const options = [text(request.key), text(request.value)];
  if (request.lease !== 0n) options.push(`clientv3.WithLease(0x${request.lease.toString(16)})`);
  if (request.prevKv) options.push("clientv3.WithPrevKV()");
  if (request.ignoreValue) options.push("clientv3.WithIgnoreValue()");
  if (request.ignoreLease) options.push("clientv3.WithIgnoreLease()");
  return options.join(", ");
}

function watchArguments(request: WatchCreateRequest): string {
  const options: string[] = [];
  if (request.startRevision !== 0n) options.push(`clientv3.WithRev(${request.startRevision})`);
  if (request.prevKv) options.push("clientv3.WithPrevKV()");
  if (request.progressNotify) options.push("clientv3.WithProgressNotify()");
  if (request.filters.includes(0)) options.push("clientv3.WithFilterPut()");
  if (request.filters.includes(1)) options.push("clientv3.WithFilterDelete()");
  return rangeArguments(request, options);
}

const RESULTS: Record<Compare_CompareResult, string> = {
  [Compare_CompareResult.EQUAL]: "=",
  [Compare_CompareResult.GREATER]: ">",
  [Compare_CompareResult.LESS]: "<",
  [Compare_CompareResult.NOT_EQUAL]: "!=",
};
const COMPARED: Record<Compare_CompareTarget, string> = {
  [Compare_CompareTarget.VERSION]: "Version",
  [Compare_CompareTarget.CREATE]: "CreateRevision",
  [Compare_CompareTarget.MOD]: "ModRevision",
  [Compare_CompareTarget.VALUE]: "Value",
  [Compare_CompareTarget.LEASE]: "LeaseValue",
};

function compareText({ key, rangeEnd, target, result, targetUnion }: Compare): string {
  const { value } = targetUnion;
  const none = target === Compare_CompareTarget.VALUE ? '""' : "0";
  const operand = value instanceof Uint8Array ? text(value) : (value?.toString() ?? none);
  const compared = `clientv3.${COMPARED[target]}(${text(key)})`;
  const range = rangeEnd.length === 0 ? "" : `.WithRange(${text(rangeEnd)})`;
  return `clientv3.Compare(${compared}, "${RESULTS[result]}", ${operand})${range}`;
}

function opText({ request }: RequestOp): string {
  switch (request.case) {
    case "requestRange":
      return `clientv3.OpGet(${rangeArguments(request.value, getOptions(request.value))})`;
    case "requestPut":
      return `clientv3.OpPut(${putArguments(request.value)})`;
    case "requestDeleteRange":
      return `clientv3.OpDelete(${rangeArguments(request.value, request.value.prevKv ? ["clientv3.WithPrevKV()"] : [])})`;
    case "requestTxn": {
      const { compare, success, failure } = request.value;
      const compares = `[]clientv3.Cmp{${compare.map(compareText).join(", ")}}`;
      const ops = (list: readonly RequestOp[]): string => `[]clientv3.Op{${list.map(opText).join(", ")}}`;
      return `clientv3.OpTxn(${compares}, ${ops(success)}, ${ops(failure)})`;
    }
    case undefined:
      return "clientv3.Op{}";
  }
}
