/** What curl asks of the JSON gateway and of the plain HTTP paths beside it. */
import type { Curl } from "./curl.ts";

export type CurlScript = {
  readonly name: string;
  run(curl: Curl): Promise<void>;
};

/** Text as it stands in JSON: base64. */
const b64 = (text: string): string => Buffer.from(text).toString("base64");
const json = (value: unknown): string => JSON.stringify(value);
const A = b64("a");

const kv: CurlScript = {
  name: "gateway: kv",
  run: async (curl) => {
    await curl.post("/v3/kv/put", json({ key: A, value: b64("1") }));
    await curl.post("/v3/kv/put", json({ key: A, value: b64("2"), prev_kv: true }));
    await curl.post("/v3/kv/put", json({ key: A, value: b64("3"), prevKv: true, lease: "0" }));
    await curl.post("/v3/kv/put", json({ key: b64("b") }));
    await curl.post("/v3/kv/range", json({ key: A }));
    await curl.post("/v3/kv/range", json({ key: "AA==", range_end: "AA==", limit: 1, sort_order: "DESCEND" }));
    await curl.post(
      "/v3/kv/range",
      json({ key: A, rangeEnd: b64("z"), sortTarget: 4, sort_order: 1, keys_only: true }),
    );
    await curl.post("/v3/kv/range", json({ key: A, revision: "2", count_only: false, serializable: true }));
    await curl.post("/v3/kv/range", json({ key: A, range_end: b64("z"), count_only: true }));
    await curl.post("/v3beta/kv/range", json({ key: A }));
    await curl.post("/v3alpha/kv/range", json({ key: A }));
    const txn = {
      compare: [
        { key: A, target: "VALUE", result: "EQUAL", value: b64("3") },
        { key: A, target: "VERSION", result: "LESS", version: "9" },
        { key: b64("none"), target: "CREATE", create_revision: 0 },
      ],
      success: [
        { request_put: { key: b64("c"), value: b64("1") } },
        { requestRange: { key: b64("c") } },
        { request_delete_range: { key: b64("b"), prev_kv: true } },
        { request_txn: { success: [{ request_range: { key: A, count_only: true } }] } },
      ],
      failure: [],
    };
    await curl.post("/v3/kv/txn", json(txn));
    await curl.post("/v3/kv/txn", json({ failure: txn.success }));
    await curl.post("/v3/kv/deleterange", json({ key: A, range_end: b64("z"), prev_kv: true }));
    await curl.post("/v3/kv/compaction", json({ revision: 3, physical: true }));
    await curl.post("/v3/kv/range", json({ key: A, revision: 2 }));
  },
};

const errors: CurlScript = {
  name: "gateway: errors",
  run: async (curl) => {
    // Go's protobuf puts one of the two spaces into its errors, by chance for each build of etcd.
    curl.hide(/\u00a0/g, " ");
    await curl.post("/v3/kv/put", json({}));
    await curl.post("/v3/kv/put", "");
    await curl.post("/v3/kv/put", "{");
    await curl.post("/v3/kv/put", "[]");
    await curl.post("/v3/kv/put", json({ key: "not base64!" }));
    await curl.post("/v3/kv/put", json({ key: 5 }));
    await curl.post("/v3/kv/put", json({ key: A, unknown: 1 }));
    await curl.post("/v3/kv/put", json({ key: A, lease: "x" }));
    await curl.post("/v3/kv/put", json({ key: A, lease: "1234" }));
    await curl.post("/v3/kv/range", json({ key: A, revision: 99 }));
    await curl.post("/v3/kv/range", json({ key: A, sort_order: "SIDEWAYS" }));
    await curl.post("/v3/kv/range", json({ key: A, sort_order: 9 }));
    await curl.post("/v3/lease/revoke", json({ ID: 1234 }));
    await curl.post("/v3/lease/grant", json({ TTL: "9000000001" }));
    await curl.post("/v3/auth/enable", json({}));
    await curl.post("/v3/auth/authenticate", json({ name: "a", password: "b" }));
    await curl.post("/v3/maintenance/transfer-leadership", json({ targetID: "1" }));
    await curl.post("/v3/cluster/member/promote", json({ ID: "1" }));
    await curl.run("/v3/kv/range");
    await curl.run("/v3/kv/range", ["-X", "PUT", "-d", "{}"]);
    await curl.post("/v3/kv/none", "{}");
    await curl.post("/v3/kv/range/more", "{}");
    await curl.post("/v3/", "{}");
    await curl.post("/v3", "{}");
  },
};

const leases: CurlScript = {
  name: "gateway: leases",
  run: async (curl) => {
    curl.hide(/("TTL":)"(599|600)"/g, '$1"TTL"');
    await curl.post("/v3/lease/grant", json({ TTL: 600, ID: 77 }));
    await curl.post("/v3/lease/grant", json({ TTL: "600", ID: "77" }));
    await curl.post("/v3/kv/put", json({ key: A, value: b64("1"), lease: 77 }));
    await curl.post("/v3/lease/keepalive", json({ ID: 77 }));
    await curl.post("/v3/lease/keepalive", json({ ID: "78" }));
    await curl.post("/v3/lease/keepalive", `${json({ ID: 77 })}\n${json({ ID: 78 })}`);
    await curl.post("/v3/lease/timetolive", json({ ID: 77, keys: true }));
    await curl.post("/v3/kv/lease/timetolive", json({ ID: 78 }));
    await curl.post("/v3/lease/leases", "{}");
    await curl.post("/v3/kv/lease/leases", "{}");
    await curl.post("/v3/kv/lease/revoke", json({ ID: 77 }));
    await curl.post("/v3/kv/range", json({ key: A }));
  },
};

const watches: CurlScript = {
  name: "gateway: watch",
  run: async (curl) => {
    const put = async (): Promise<void> => {
      for (const value of ["1", "2"]) await curl.silent("/v3/kv/put", json({ key: A, value: b64(value) }));
      await curl.silent("/v3/kv/deleterange", json({ key: A }));
    };
    const create = { key: A, start_revision: "2", prev_kv: true };
    await put();
    // The past of a key comes in one message, whatever came first.
    await curl.stream("/v3/watch", json({ create_request: create }), 2);
    await curl.stream("/v3/watch", json({ createRequest: { key: A, filters: ["NOPUT"], watch_id: 7 } }), 2, put);
    await curl.stream("/v3/watch", json({ create_request: { key: b64("z"), range_end: A } }), 1);
    await curl.stream("/v3/watch", json({ create_request: create }) + json({ create_request: { key: A } }), 3);
    await curl.post("/v3/kv/compaction", json({ revision: 4 }));
    await curl.stream("/v3/watch", json({ create_request: create }), 2);
  },
};

const services: CurlScript = {
  name: "gateway: cluster, maintenance, lock, election",
  run: async (curl) => {
    curl.hide(/("(?:dbSize|dbSizeInUse|raftIndex|raftAppliedIndex|hash)":)"?\d+"?/g, "$1N");
    curl.hide(/("lease":|"TTL":)"\d+"/g, '$1"N"');
    await curl.post("/v3/cluster/member/list", "{}");
    await curl.post("/v3/cluster/member/list", json({ linearizable: true }));
    await curl.post("/v3/cluster/member/add", json({ peerURLs: ["nonsense"], isLearner: true }));
    await curl.post("/v3/cluster/member/remove", json({ ID: "1" }));
    await curl.post("/v3/maintenance/status", "{}");
    await curl.post("/v3/maintenance/alarm", json({ action: "GET" }));
    await curl.post("/v3/maintenance/hash", "{}");
    await curl.post("/v3/maintenance/hashkv", json({ revision: 1 }));
    await curl.post("/v3/maintenance/defragment", "{}");
    await curl.post("/v3/maintenance/downgrade", json({ action: "VALIDATE", version: "3.6" }));
    await curl.post("/v3/maintenance/downgrade", json({ action: 0, version: "3.0" }));
    await curl.post("/v3/lease/grant", json({ TTL: 600, ID: 77 }));
    await curl.post("/v3/lock/lock", json({ name: b64("l"), lease: 77 }));
    await curl.post("/v3/lock/unlock", json({ key: b64("l/4d") }));
    await curl.post("/v3/lock/unlock", json({ key: b64("l/4d") }));
    await curl.post("/v3/election/leader", json({ name: b64("e") }));
    await curl.post("/v3/election/campaign", json({ name: b64("e"), lease: 77, value: b64("me") }));
    const leader = { name: b64("e"), key: b64("e/4d"), rev: 4, lease: 77 };
    await curl.stream("/v3/election/observe", json({ name: b64("e") }), 2, async () => {
      await curl.silent("/v3/election/proclaim", json({ leader, value: b64("still me") }));
    });
    await curl.post("/v3/election/leader", json({ name: b64("e") }));
    await curl.post("/v3/election/resign", json({ leader }));
    await curl.post("/v3/election/leader", json({ name: b64("e") }));
    const snapshot = await curl.silent("/v3/maintenance/snapshot", "{}");
    const blobs = snapshot.split("\n").filter((line) => line.startsWith('{"result":{'));
    curl.note(`a snapshot of at least two messages: ${blobs.length >= 2}`);
  },
};

const auth: CurlScript = {
  name: "gateway: auth, by header",
  run: async (curl) => {
    await curl.post("/v3/auth/status", "{}");
    await curl.post("/v3/auth/user/add", json({ name: "root", password: "pw" }));
    await curl.post("/v3/auth/role/add", json({ name: "root" }));
    await curl.post("/v3/auth/user/grant", json({ user: "root", role: "root" }));
    await curl.post("/v3/auth/user/add", json({ name: "u", password: "pw", options: { no_password: false } }));
    await curl.post("/v3/auth/role/add", json({ name: "r" }));
    await curl.post(
      "/v3/auth/role/grant",
      json({ name: "r", perm: { permType: "READWRITE", key: A, range_end: b64("c") } }),
    );
    await curl.post("/v3/auth/role/grant", json({ name: "r", perm: { key: b64("x") } }));
    await curl.post("/v3/auth/user/grant", json({ user: "u", role: "r" }));
    await curl.post("/v3/auth/enable", "{}");
    await curl.post("/v3/auth/authenticate", json({ name: "u", password: "wrong" }));
    const root = ["-H", `Authorization: ${await curl.signIn("root", "pw")}`];
    const user = ["-H", `Authorization: ${await curl.signIn("u", "pw")}`];
    for (const who of [[], user, root, ["-H", "Authorization: none"], ["-H", "Authorization: Bearer x"]]) {
      await curl.post("/v3/kv/put", json({ key: A, value: b64("1") }), who);
      await curl.post("/v3/kv/range", json({ key: b64("c") }), who);
      await curl.post("/v3/auth/user/list", "{}", who);
      await curl.post("/v3/lease/keepalive", json({ ID: 5 }), who);
    }
    await curl.stream("/v3/watch", json({ create_request: { key: b64("z") } }), 1, undefined, user);
    await curl.stream("/v3/watch", json({ create_request: { key: A, start_revision: 2 } }), 2, undefined, user);
    await curl.post("/v3/auth/role/get", json({ role: "r" }), user);
    await curl.post("/v3/auth/user/get", json({ name: "u" }), root);
    await curl.post("/v3/auth/role/list", "{}", root);
    await curl.post("/v3/auth/role/revoke", json({ role: "r", key: b64("x") }), root);
    await curl.post("/v3/auth/user/revoke", json({ name: "u", role: "r" }), root);
    await curl.post("/v3/kv/range", json({ key: A }), user);
    await curl.post("/v3/auth/user/changepw", json({ name: "u", password: "new" }), root);
    await curl.post("/v3/kv/range", json({ key: A }), user);
    await curl.post("/v3/auth/user/delete", json({ name: "u" }), root);
    await curl.post("/v3/auth/role/delete", json({ role: "r" }), root);
    await curl.post("/v3/auth/disable", "{}", root);
  },
};

const plain: CurlScript = {
  name: "health, livez, readyz, version",
  run: async (curl) => {
    for (const path of ["/health", "/health?serializable=true", "/health?exclude=NOSPACE", "/livez", "/readyz"]) {
      await curl.run(path);
    }
    for (const path of [
      "/livez?verbose",
      "/readyz?verbose",
      "/livez?exclude=serializable_read",
      "/readyz?exclude=none",
    ]) {
      await curl.run(path);
    }
    for (const path of ["/readyz/serializable_read", "/livez/none", "/version", "/version/"]) await curl.run(path);
    for (const path of ["/health", "/livez", "/version"]) await curl.run(path, ["-X", "POST", "-d", "{}"]);
    await curl.run("/v2/keys");
    // An alarm makes it unhealthy, but for who leaves it out.
    const { member_id: memberID } = JSON.parse(await curl.silent("/v3/maintenance/status", "{}")).header;
    await curl.post("/v3/maintenance/alarm", json({ action: "ACTIVATE", memberID, alarm: "NOSPACE" }));
    for (const path of ["/health", "/health?exclude=NOSPACE", "/readyz?verbose"]) await curl.run(path);
    await curl.post("/v3/maintenance/alarm", json({ action: "DEACTIVATE", memberID, alarm: "NOSPACE" }));
    await curl.run("/health");
    const metrics = await run(curl);
    for (const name of ["etcd_server_has_leader", "etcd_server_is_leader", "etcd_mvcc_put_total"]) {
      curl.note(`/metrics has ${name}: ${new RegExp(`^${name} \\d`, "m").test(metrics)}`);
    }
  },
};

async function run(curl: Curl): Promise<string> {
  return await (await fetch(`${curl.url}/metrics`)).text();
}

export const scripts: readonly CurlScript[] = [kv, errors, leases, watches, services, auth, plain];
