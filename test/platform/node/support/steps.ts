/** Requests to the JSON gateway, to be made in this order of two servers alike. */
import { BODIES } from "../../../rpc/gateway/support/bodies.ts";

export interface Step {
  readonly path: string;
  /** Default POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `$name` stands for what was remembered under it. */
  readonly body?: string | Uint8Array;
  /** The answer does not end by itself. */
  readonly open?: boolean;
  /** Keeps a string of the answer, and expects another one of each server. */
  readonly remember?: string;
  /** Only names and kinds are the same: the values are sizes or hashes. */
  readonly shape?: boolean;
}

const b64 = (text: string): string => Buffer.from(text).toString("base64");
const A = b64("a");
const B = b64("b");
const C = b64("c");
const Z = b64("z");
const RANGE = "/v3/kv/range";
const PUT = "/v3/kv/put";
const TXN = "/v3/kv/txn";

const post = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({
  path,
  body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  ...more,
});

export const PATHS = [
  "kv/range,kv/put,kv/deleterange,kv/txn,kv/compaction,lease/grant,lease/revoke,kv/lease/revoke,lease/timetolive",
  "kv/lease/timetolive,lease/leases,kv/lease/leases,cluster/member/add,cluster/member/remove,cluster/member/update",
  "cluster/member/list,cluster/member/promote,maintenance/alarm,maintenance/status,maintenance/defragment",
  "maintenance/hash,maintenance/hashkv,maintenance/snapshot,maintenance/transfer-leadership,maintenance/downgrade",
  "auth/enable,auth/disable,auth/status,auth/authenticate,auth/user/add,auth/user/get,auth/user/list,auth/user/delete",
  "auth/user/changepw,auth/user/grant,auth/user/revoke,auth/role/add,auth/role/get,auth/role/list,auth/role/delete",
  "auth/role/grant,auth/role/revoke,lock/lock,lock/unlock,election/campaign,election/proclaim,election/leader",
  "election/observe,election/resign",
]
  .join(",")
  .split(",")
  .map((path) => `/v3/${path}`);

export const HTTP: readonly Step[] = [
  // Each path is there: what it says of a body that is none is the gateway's, not the method's.
  ...PATHS.map((path) => post(path, "[")),
  ...[...PATHS, "/v3/watch", "/v3/lease/keepalive"].map((path) => ({ path, method: "GET" })),
  ...["PUT", "DELETE", "PATCH"].map((method) => ({ path: RANGE, method, body: "{}" })),
  ...["/v3/", "/v3/kv", "/v3/kv/range/", "/v3/kv/range/x", "/v3/kv/rangestream", "/v3/kv/Range", "/v3/version"].map(
    (path) => post(path, "{}"),
  ),
  ...["/v3", "/v3//kv/range", "/v3/kv//range?x=y", "/v3beta//kv/range", "//v3/kv/range"].map((path) =>
    post(path, "{}"),
  ),
  post("/v3beta/kv/range", { key: A }),
  post("/v3beta/kv/nothing", { key: A }),
  post("/v3/kv/%72ange", { key: A }),
  post(`${RANGE}?key=${A}`, ""),
  post(RANGE, { key: A }, { headers: { "content-type": "application/x-www-form-urlencoded" } }),
  post(RANGE, { key: A }, { headers: { "content-type": "text/plain; charset=latin1", accept: "text/html" } }),
  post(RANGE, { key: A }, { headers: { "grpc-timeout": "5S" } }),
  post(RANGE, { key: A }, { headers: { "grpc-timeout": "1n" } }),
  post(RANGE, { key: A }, { headers: { "grpc-timeout": "-1S" } }),
  ...["5", "S", "5s", "x5S", "5 S", "1.5S"].map((timeout) =>
    post(RANGE, { key: A }, { headers: { "grpc-timeout": timeout } }),
  ),
];

const invalidUtf8 = Buffer.concat([Buffer.from('{"key":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);

export const BAD_BODIES: readonly Step[] = [
  ...BODIES.map(([body]) => post(RANGE, body)),
  post(RANGE, invalidUtf8),
  post(RANGE, Buffer.concat([Buffer.from([0xe9]), invalidUtf8])),
  post(RANGE, "[".repeat(10_001)),
  post(TXN, { compare: {} }),
  post(TXN, { compare: [null] }),
  post(TXN, { compare: ["x"] }),
  post(TXN, { success: [{}] }),
  post(TXN, { success: [{ request_put: { key: A }, requestRange: { key: A } }] }),
  post(TXN, { success: [{ request_put: null, requestRange: { key: A } }] }),
  post(TXN, { compare: [{ key: A, version: 1, value: A }] }),
  post(PUT, { key: A, lease: "x" }),
  post("/v3/auth/user/add", { name: 5 }),
  post("/v3/auth/role/grant", { perm: "x" }),
  post("/v3/maintenance/hashkv", { revision: {} }),
];

export const KV: readonly Step[] = [
  post(PUT, { key: A, value: b64("<one> & two") }),
  post(PUT, { key: A, value: b64("2"), prev_kv: true }),
  post(PUT, { key: B, value: "-_-_" }),
  post(PUT, { key: C }),
  post(PUT, { key: "", value: A }),
  post(PUT, { key: Z, ignoreValue: true }),
  post(PUT, { key: A, lease: 77 }),
  post(RANGE, { key: A, range_end: Z }),
  post(RANGE, { key: A, rangeEnd: Z, limit: "1", sort_order: "DESCEND", sort_target: "MOD" }),
  post(RANGE, { key: A, range_end: Z, keys_only: true }),
  post(RANGE, { key: A, range_end: Z, count_only: true }),
  post(RANGE, { key: A, revision: 2 }),
  post(RANGE, { key: A, revision: 999 }),
  post(RANGE, { key: b64("nothing") }),
  post(TXN, {
    compare: [{ key: A, target: "VERSION", result: "GREATER", version: "0" }],
    success: [
      { request_put: { key: b64("t"), value: A, prev_kv: true } },
      { requestRange: { key: A } },
      { request_delete_range: { key: B, prev_kv: true } },
      { requestTxn: { success: [{ request_range: { key: C } }], failure: [] } },
    ],
  }),
  post(TXN, {
    compare: [{ key: A, target: "VALUE", value: A }],
    failure: [{ request_range: { key: A, range_end: Z } }],
  }),
  post(TXN, { success: [{ request_put: { key: A } }, { request_put: { key: A } }] }),
  post(TXN, {}),
  post("/v3/kv/deleterange", { key: A, range_end: Z, prev_kv: true }),
  post("/v3/kv/deleterange", { key: A }),
  post("/v3/kv/deleterange", {}),
  post("/v3/kv/compaction", { revision: 3 }),
  post("/v3/kv/compaction", { revision: 3 }),
  post("/v3/kv/compaction", { revision: "4", physical: true }),
  post(RANGE, { key: A, revision: 2 }),
  post(PUT, { key: A, value: b64("x".repeat(1_600_000)) }),
  post(PUT, { key: A, value: b64("x".repeat(2_100_000)) }),
];

export const LEASES: readonly Step[] = [
  post("/v3/lease/grant", { TTL: 100, ID: 77 }),
  post("/v3/lease/grant", { TTL: "100", ID: "78" }),
  post("/v3/lease/grant", { TTL: 100 }, { remember: "ID" }),
  post("/v3/lease/timetolive", { ID: "$ID" }),
  post("/v3/lease/grant", { TTL: 100, ID: 77 }),
  post("/v3/lease/grant", { TTL: "99999999999999" }),
  post("/v3/lease/grant", { ttl: 5, id: 9 }, { shape: true }),
  post(PUT, { key: A, lease: "77" }),
  post("/v3/lease/timetolive", { ID: 77, keys: true }),
  post("/v3/kv/lease/timetolive", { ID: 77 }),
  post("/v3/lease/timetolive", { ID: 1 }),
  post("/v3/lease/keepalive", { ID: 77 }),
  post("/v3/lease/keepalive", { ID: 1 }),
  post("/v3/lease/revoke", { ID: 77 }),
  post("/v3/kv/lease/revoke", { ID: 77 }),
  post("/v3/lease/leases", {}, { shape: true }),
  post("/v3/kv/lease/leases", {}, { shape: true }),
];

export const STREAMS: readonly Step[] = [
  post("/v3/lease/keepalive", ""),
  post("/v3/lease/keepalive", "nonsense"),
  post("/v3/lease/keepalive", '{"ID":1}{"ID":"2"}\n\n {"ID":3}'),
  post("/v3/lease/keepalive", '{"ID":1}{"ID":"x"}{"ID":3}'),
  post("/v3/lease/keepalive", '{"ID":1}{"ID":'),
  post(PUT, { key: b64("w"), value: b64("1") }),
  post(PUT, { key: b64("w"), value: b64("2") }),
  post("/v3/watch", { create_request: { key: b64("w"), start_revision: 1, prev_kv: true } }, { open: true }),
  post("/v3/watch", { createRequest: { key: b64("w"), watchId: 5, filters: ["NOPUT", 1, "x"] } }, { open: true }),
  post(
    "/v3/watch",
    ["create", "create", "cancel"]
      .map((kind) => JSON.stringify({ [`${kind}_request`]: { key: b64("w"), watch_id: 7 } }))
      .join("\n"),
    { open: true },
  ),
  post("/v3/watch", { create_request: { key: b64("w"), range_end: b64("a") } }, { open: true }),
  post("/v3/watch", { create_request: { key: b64("w"), start_revision: -1 } }, { open: true }),
  post("/v3/watch", '{"create_request":{"key":"dw=="}} nonsense {"create_request":{"key":"dw=="}}', { open: true }),
  post("/v3/watch", { create_request: { key: A } }, { headers: { "grpc-timeout": "200m" } }),
  post("/v3/watch", "", { headers: { "grpc-timeout": "200m" } }),
  post("/v3/election/observe", { name: 5 }),
  post("/v3/election/observe", { name: A }, { headers: { "grpc-timeout": "200m" } }),
];

export const LOCKS: readonly Step[] = [
  post("/v3/lease/grant", { TTL: 100, ID: 501 }),
  post("/v3/lease/grant", { TTL: 100, ID: 502 }),
  post("/v3/lock/lock", { name: A, lease: 501 }),
  post("/v3/lock/lock", { name: A, lease: 502 }, { headers: { "grpc-timeout": "200m" } }),
  post("/v3/lock/lock", { name: A, lease: 999 }),
  post("/v3/lock/unlock", { key: b64("a/1f5") }),
  post("/v3/lock/unlock", {}),
  post("/v3/lock/lock", {}, { shape: true }),
  post("/v3/election/campaign", { name: B, lease: 501, value: b64("me") }, { remember: "rev" }),
  post("/v3/election/leader", { name: B }),
  post("/v3/election/leader", { name: C }),
  post("/v3/election/proclaim", {
    leader: { name: B, key: b64("b/1f5"), rev: "$rev", lease: 501 },
    value: b64("you"),
  }),
  post("/v3/election/proclaim", { value: b64("you") }),
  post("/v3/election/observe", { name: B }, { open: true }),
  post("/v3/election/resign", { leader: { name: B, key: b64("b/1f5"), rev: "$rev", lease: 501 } }),
  post("/v3/election/resign", {}),
];

export const MAINTENANCE: readonly Step[] = [
  post("/v3/maintenance/alarm", {}),
  post("/v3/maintenance/alarm", { action: "ACTIVATE", alarm: "NOSPACE" }),
  post(PUT, { key: A }),
  post("/v3/maintenance/alarm", { action: "GET", alarm: 1 }),
  post("/v3/maintenance/alarm", { action: "DEACTIVATE", alarm: "NOSPACE" }),
  post("/v3/maintenance/status", {}, { shape: true }),
  post("/v3/maintenance/defragment", {}),
  post("/v3/maintenance/hash", {}, { shape: true }),
  post("/v3/maintenance/hashkv", {}, { shape: true }),
  post("/v3/maintenance/hashkv", { revision: 99999 }),
  post("/v3/maintenance/transfer-leadership", { targetID: 5 }),
  post("/v3/maintenance/transfer-leadership", {}),
  post("/v3/maintenance/downgrade", { action: "VALIDATE", version: "3.6.0" }),
  post("/v3/maintenance/downgrade", { action: "VALIDATE", version: "x" }),
  post("/v3/maintenance/downgrade", { action: "CANCEL" }),
  post("/v3/maintenance/downgrade", { action: 9 }),
];

const PEER = "http://127.0.0.1:1";

export const CLUSTER: readonly Step[] = [
  post("/v3/cluster/member/list", {}, { shape: true }),
  post("/v3/cluster/member/list", { linearizable: true }, { shape: true }),
  post("/v3/cluster/member/add", { peerURLs: ["nonsense"] }),
  post("/v3/cluster/member/add", {}),
  post("/v3/cluster/member/add", { peerURLs: [PEER], isLearner: true }, { shape: true }),
  post("/v3/cluster/member/add", { peerURLs: [PEER] }),
  post("/v3/cluster/member/promote", { ID: 5 }),
  post("/v3/cluster/member/remove", { ID: "5" }),
  post("/v3/cluster/member/update", { ID: 5, peerURLs: ["http://127.0.0.1:2"] }),
];

const TOKEN = { authorization: "$token" };

export const AUTH: readonly Step[] = [
  post("/v3/auth/status", {}),
  post("/v3/auth/authenticate", { name: "root", password: "pw" }),
  post("/v3/auth/enable", {}),
  post("/v3/auth/user/add", { name: "root", password: "pw" }),
  post("/v3/auth/user/add", { name: "root", password: "pw" }),
  post("/v3/auth/user/add", { name: "" }),
  post("/v3/auth/user/add", { name: "al<i>ce", options: { no_password: true } }),
  post("/v3/auth/role/add", { name: "root" }),
  post("/v3/auth/role/add", { name: "r" }),
  post("/v3/auth/role/add", {}),
  post("/v3/auth/role/grant", { name: "r", perm: { key: A, range_end: B, permType: "READWRITE" } }),
  post("/v3/auth/role/grant", { name: "r", perm: { permType: 1, key: C } }),
  post("/v3/auth/role/grant", { name: "none", perm: { key: A } }),
  post("/v3/auth/role/get", { role: "r" }),
  post("/v3/auth/role/get", { role: "none" }),
  post("/v3/auth/role/list", {}),
  post("/v3/auth/role/revoke", { role: "r", key: C }),
  post("/v3/auth/role/revoke", { role: "r", key: C }),
  post("/v3/auth/user/grant", { user: "root", role: "root" }),
  post("/v3/auth/user/grant", { user: "al<i>ce", role: "r" }),
  post("/v3/auth/user/grant", { user: "nobody", role: "r" }),
  post("/v3/auth/user/get", { name: "al<i>ce" }),
  post("/v3/auth/user/list", {}),
  post("/v3/auth/user/add", { name: "bob", password: "bob" }),
  post("/v3/auth/user/grant", { user: "bob", role: "r" }),
  post("/v3/auth/user/changepw", { name: "bob", password: "b" }),
  post("/v3/auth/enable", {}),
  post("/v3/auth/status", {}),
  post(RANGE, { key: A }),
  post("/v3/auth/authenticate", { name: "root", password: "wrong" }),
  post("/v3/auth/authenticate", { name: "bob", password: "b" }, { remember: "token" }),
  post(PUT, { key: A, value: B }, { headers: TOKEN }),
  post(PUT, { key: A, value: B }, { headers: { authorization: "Bearer $token" } }),
  post(PUT, { key: A, value: B }, { headers: { "grpc-metadata-token": "$token" } }),
  post(PUT, { key: A, value: B }, { headers: { "grpc-metadata-authorization": "$token" } }),
  post(PUT, { key: A, value: B }, { headers: { token: "$token" } }),
  post(RANGE, { key: Z }, { headers: TOKEN }),
  post("/v3/watch", { create_request: { key: Z } }, { headers: TOKEN, open: true }),
  post("/v3/watch", { create_request: { key: A } }, { headers: TOKEN, open: true }),
  post("/v3/watch", { create_request: { key: A } }, { headers: { authorization: "nonsense" }, open: true }),
  post("/v3/watch", { create_request: { key: A } }, { open: true }),
  post("/v3/lease/keepalive", { ID: 1 }, { headers: TOKEN }),
  post("/v3/maintenance/snapshot", {}, { headers: TOKEN }),
  post("/v3/maintenance/snapshot", {}),
  post("/v3/election/observe", { name: Z }, { headers: TOKEN }),
  post(RANGE, { key: A }, { headers: { authorization: "nonsense" } }),
  post("/v3/auth/user/list", {}, { headers: TOKEN }),
  post("/v3/maintenance/status", {}, { headers: TOKEN, shape: true }),
  post("/v3/auth/authenticate", { name: "root", password: "pw" }, { remember: "token" }),
  post("/v3/auth/user/revoke", { name: "bob", role: "r" }, { headers: TOKEN }),
  post("/v3/auth/user/delete", { name: "bob" }, { headers: TOKEN }),
  post("/v3/auth/user/delete", { name: "root" }, { headers: TOKEN }),
  post("/v3/auth/role/delete", { role: "r" }, { headers: TOKEN }),
  post("/v3/auth/disable", {}, { headers: TOKEN }),
  post("/v3/auth/disable", {}),
];
