import { type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import { DeleteRangeRequestSchema, PutRequestSchema, RangeRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseRevokeRequestSchema,
} from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { type WatchCreateRequest, WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { fromBytes } from "../console/language/gostring.ts";
import { kindOfRange } from "../console/language/ranges.ts";
import { MASK } from "../store/secrets.ts";
import { methodOf } from "./descriptors.ts";
import { type FieldValue, fieldsOf } from "./fields.ts";
import { type Place, withNote } from "./place.ts";

/** The client's stubs of etcd's services, for what it has no method of its own for. */
const STUBS: Record<string, string> = {
  "etcdserverpb.Auth": "etcd3.etcdrpc.AuthStub(etcd.channel)",
  "etcdserverpb.KV": "etcd.kvstub",
  "etcdserverpb.Lease": "etcd.leasestub",
  "etcdserverpb.Cluster": "etcd.clusterstub",
  "etcdserverpb.Maintenance": "etcd.maintenancestub",
};

/** The call by the etcd3 package (python-etcd3). */
export function pythonFor(name: string, request: Message, place: Place): string {
  const call = ownCall(request) ?? stubCall(name, request);
  if (call === undefined) return `# The etcd3 package has no call for ${request.$typeName.replace(/Request$/, "")}.`;
  const at = place.host.lastIndexOf(":");
  const client = `etcd = etcd3.client(host="${place.host.slice(0, at)}", port=${place.host.slice(at + 1)}${userArguments(place)})`;
  return withNote("#", place, `import etcd3\n\n${client}\n${call}`);
}

function userArguments({ user }: Place): string {
  return user === undefined ? "" : `, user=${JSON.stringify(user)}, password="${MASK}"`;
}

/** What the package has a method for, if that says all of the request. */
function ownCall(request: Message): string | undefined {
  if (isMessage(request, WatchCreateRequestSchema)) return watchCall(request);
  if (isMessage(request, LeaseGrantRequestSchema)) {
    return `lease = etcd.lease(${request.TTL}${request.ID === 0n ? "" : `, lease_id=${request.ID}`})\nprint(lease.id)`;
  }
  if (isMessage(request, LeaseRevokeRequestSchema)) return `etcd.revoke_lease(${request.ID})`;
  if (isMessage(request, LeaseKeepAliveRequestSchema)) return `print(list(etcd.refresh_lease(${request.ID})))`;
  const fields = fieldsOf(schemaOf(request), request).map(({ field }) => field.name);
  const only = (...names: string[]): boolean => fields.every((name) => names.includes(name));
  if (isMessage(request, RangeRequestSchema) && only("key", "range_end")) {
    const kind = kindOfRange(request);
    const key = bytesText(request.key);
    if (kind === "single") return `value, meta = etcd.get(${key})\nprint(value)`;
    const call = kind === "all" ? "get_all()" : kind === "prefix" ? `get_prefix(${key})` : undefined;
    return call === undefined ? undefined : `for value, meta in etcd.${call}:\n    print(meta.key, value)`;
  }
  if (isMessage(request, PutRequestSchema) && only("key", "value", "lease", "prev_kv")) {
    const options = `${request.lease === 0n ? "" : `, lease=${request.lease}`}${request.prevKv ? ", prev_kv=True" : ""}`;
    return `print(etcd.put(${bytesText(request.key)}, ${bytesText(request.value)}${options}))`;
  }
  if (!isMessage(request, DeleteRangeRequestSchema)) return undefined;
  const kind = kindOfRange(request);
  if (kind === "prefix" && !request.prevKv) return `print(etcd.delete_prefix(${bytesText(request.key)}))`;
  if (kind !== "single") return undefined;
  return `print(etcd.delete(${bytesText(request.key)}${request.prevKv ? ", prev_kv=True" : ""}, return_response=True))`;
}

function watchCall(request: WatchCreateRequest): string {
  const options = [bytesText(request.key)];
  if (request.rangeEnd.length > 0) options.push(`range_end=${bytesText(request.rangeEnd)}`);
  if (request.startRevision !== 0n) options.push(`start_revision=${request.startRevision}`);
  if (request.prevKv) options.push("prev_kv=True");
  if (request.progressNotify) options.push("progress_notify=True");
  return `events, cancel = etcd.watch(${options.join(", ")})\nfor event in events:\n    print(event)`;
}

function stubCall(name: string, request: Message): string | undefined {
  const method = methodOf(name);
  const stub = STUBS[method.parent.typeName];
  if (stub === undefined) return undefined;
  const call = `${stub}.${method.name}(${messageText(method.input, request, "")})`;
  return method.methodKind === "unary" ? `print(${call})` : `for response in ${call}:\n    print(response)`;
}

function schemaOf(request: Message): DescMessage {
  const schemas = [RangeRequestSchema, PutRequestSchema, DeleteRangeRequestSchema];
  return schemas.find((schema) => isMessage(request, schema)) ?? RangeRequestSchema;
}

const LINE = 100;

function messageText(type: DescMessage, message: Message, indent: string): string {
  const fields = fieldsOf(type, message).map(
    ({ field, value }) => `${field.name}=${valueText(value, `${indent}    `)}`,
  );
  return block(`etcd3.etcdrpc.${type.name}(`, fields, ")", indent);
}

function valueText(value: FieldValue, indent: string): string {
  switch (value.kind) {
    case "bytes":
      return bytesText(value.bytes);
    case "enum":
      return value.scope === undefined ? String(value.number) : `etcd3.etcdrpc.${value.scope}.${value.name}`;
    case "message":
      return messageText(value.type, value.message, indent);
    case "list": {
      const texts = value.values.map((one) => valueText(one, `${indent}    `));
      return block("[", texts, "]", indent);
    }
    case "other":
      if (typeof value.value === "boolean") return value.value ? "True" : "False";
      return typeof value.value === "string" ? JSON.stringify(value.value) : String(value.value);
  }
}

function block(open: string, items: readonly string[], close: string, indent: string): string {
  const line = `${open}${items.join(", ")}${close}`;
  if (indent.length + line.length <= LINE && !line.includes("\n")) return line;
  return `${open}\n${items.map((item) => `${indent}    ${item},\n`).join("")}${indent}${close}`;
}

function bytesText(bytes: Uint8Array): string {
  const escaped = fromBytes(bytes).replace(/[\\"]|[^ -~]/g, (byte) => {
    if (byte === "\\" || byte === '"') return `\\${byte}`;
    if (byte === "\n") return "\\n";
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `b"${escaped}"`;
}
