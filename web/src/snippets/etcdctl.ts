import { create, isMessage, type Message } from "@bufbuild/protobuf";
import { Keys } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import { AuthenticateRequestSchema } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
  type TxnRequest,
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
import { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import {
  type CommandWords,
  delWords,
  getWords,
  lineOf,
  putWords,
  separator,
  watchWords,
} from "../console/language/format.ts";
import { hexId } from "../console/language/gostring.ts";
import { shellWord } from "../console/language/shellword.ts";
import { formatTxn, isBeyondEtcdctl } from "../console/language/txntext.ts";
import { prefixRange } from "../store/bytes.ts";
import { authWords } from "./authwords.ts";
import { type Place, withNote } from "./place.ts";

/** The command that sends this request, or the nearest one; what it cannot say stands above it in comments. */
export function etcdctlFor(request: Message, place: Place): string {
  if (isMessage(request, TxnRequestSchema)) return withNote("#", place, txnCommand(request, place));
  if (isMessage(request, AuthenticateRequestSchema)) {
    return `# etcdctl signs in by itself: give each command --user=${shellWord(request.name)}, and it asks for the password.`;
  }
  const words = wordsFor(request);
  if (words === undefined) return `# etcdctl has no command for ${request.$typeName.replace(/Request$/, "")}.`;
  const lost = words.lost.map((what) => `# Not sent: ${what}.\n`).join("");
  return withNote("#", place, lost + command(words, request, place));
}

function command(words: CommandWords, request: Message, place: Place): string {
  if (words.args.every((arg) => !arg.includes("\0"))) {
    const flags = isMessage(request, RangeRequestSchema) && request.countOnly ? ["--write-out=fields"] : [];
    const all = [...words.name.split(" "), ...words.flags, ...flags, ...separator(words.args), ...words.args];
    return `${etcdctl(place)} ${all.map(shellWord).join(" ")}`;
  }
  if (words.name.startsWith("role "))
    return "# No argument of a command can hold a NUL byte: etcdctl cannot send this.";
  const why = "# No argument of a command can hold a NUL byte; etcdctl's input can.\n";
  if (isMessage(request, WatchCreateRequestSchema)) {
    return `${why}{ echo ${shellWord(lineOf(words))}; cat; } | ${etcdctl(place)} watch -i`;
  }
  return why + hereDocument(place, `\n${lineOf(words)}\n\n\n`);
}

function txnCommand(request: TxnRequest, place: Place): string {
  const note = isBeyondEtcdctl(request)
    ? "# etcdctl reads no compare of a range or a lease and no txn within a txn: its text has no form for them.\n"
    : "";
  return note + hereDocument(place, formatTxn(request));
}

function hereDocument(place: Place, text: string): string {
  return `${etcdctl(place)} txn <<'EOF'\n${text}EOF`;
}

function etcdctl({ url, user }: Place): string {
  return `etcdctl --endpoints=${shellWord(url)}${user === undefined ? "" : ` --user=${shellWord(user)}`}`;
}

function words(name: string, flags: readonly string[] = [], args: readonly string[] = [], lost: string[] = []) {
  return { name, flags, args, lost } satisfies CommandWords;
}

function wordsFor(request: Message): CommandWords | undefined {
  if (isMessage(request, RangeRequestSchema)) return getWords(request);
  if (isMessage(request, PutRequestSchema)) return putWords(request);
  if (isMessage(request, DeleteRangeRequestSchema)) return delWords(request);
  if (isMessage(request, WatchCreateRequestSchema)) return watchWords(request);
  if (isMessage(request, CompactionRequestSchema)) {
    return words("compaction", request.physical ? ["--physical"] : [], [request.revision.toString()]);
  }
  return leaseWords(request) ?? maintenanceWords(request) ?? authWords(request) ?? keysWords(request);
}

function leaseWords(request: Message): CommandWords | undefined {
  if (isMessage(request, LeaseGrantRequestSchema)) {
    const lost = request.ID === 0n ? [] : [`ID ${hexId(request.ID)}: etcdctl leaves it to the server`];
    return words("lease grant", [], [request.TTL.toString()], lost);
  }
  if (isMessage(request, LeaseRevokeRequestSchema)) return words("lease revoke", [], [hexId(request.ID)]);
  if (isMessage(request, LeaseTimeToLiveRequestSchema)) {
    return words("lease timetolive", request.keys ? ["--keys"] : [], [hexId(request.ID)]);
  }
  if (isMessage(request, LeaseLeasesRequestSchema)) return words("lease list");
  if (isMessage(request, LeaseKeepAliveRequestSchema))
    return words("lease keep-alive", ["--once"], [hexId(request.ID)]);
  return undefined;
}

function maintenanceWords(request: Message): CommandWords | undefined {
  if (isMessage(request, StatusRequestSchema)) return words("endpoint status", ["--write-out=table"]);
  if (isMessage(request, DefragmentRequestSchema)) return words("defrag");
  if (isMessage(request, SnapshotRequestSchema)) return words("snapshot save", [], ["snapshot.db"]);
  if (isMessage(request, HashKVRequestSchema)) {
    return words("endpoint hashkv", request.revision === 0n ? [] : [`--rev=${request.revision}`]);
  }
  if (!isMessage(request, AlarmRequestSchema)) return undefined;
  if (request.action === AlarmRequest_AlarmAction.GET) return words("alarm list");
  if (request.action === AlarmRequest_AlarmAction.DEACTIVATE) return words("alarm disarm");
  return undefined;
}

/** The reads of etcdlite's own service as the Range that comes nearest. */
function keysWords(request: Message): CommandWords | undefined {
  const [children, list] = [Keys.method.listChildren.input, Keys.method.listKeys.input];
  if (isMessage(request, children)) {
    const { prefix, revision } = request;
    const all = getWords(create(RangeRequestSchema, { ...prefixRange(prefix), revision, keysOnly: true }));
    return { ...all, lost: ["folders: this lists every key under the prefix, as etcd knows no folders"] };
  }
  if (!isMessage(request, list)) return undefined;
  const { key, rangeEnd, revision, limit } = request;
  return getWords(create(RangeRequestSchema, { key, rangeEnd, revision, limit, keysOnly: true }));
}
