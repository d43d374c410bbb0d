/** What is shown for a request, and that etcdctl and curl really send it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { create, equals, type Message, toJson } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { ListKeysRequestSchema } from "../../../src/gen/etcdlite/v1/keys_pb.ts";
import {
  AuthenticateRequestSchema,
  AuthRoleGrantPermissionRequestSchema,
  AuthRoleRevokePermissionRequestSchema,
  AuthUserAddRequestSchema,
  AuthUserChangePasswordRequestSchema,
} from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { MemberAddRequestSchema, MemberRemoveRequestSchema } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import {
  DeleteRangeRequestSchema,
  KV,
  PutRequestSchema,
  RangeRequestSchema,
  RangeResponseSchema,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease, LeaseGrantRequestSchema, LeaseRevokeRequestSchema } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { StatusRequestSchema } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { WatchCreateRequestSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { createServer, type EtcdliteServer } from "../../../src/platform/node/index.ts";
import { snippetsFor } from "../../../web/src/snippets/index.ts";
import { fromDisplay, prefixEnd, utf8 } from "../../../web/src/store/bytes.ts";
import { MASK } from "../../../web/src/store/secrets.ts";
import { findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";

const URL = "http://127.0.0.1:2379";

function snippet(label: string, method: string, request: Message, url = URL): string {
  return snippetsFor(method, request, url).find((one) => one.label === label)?.text ?? "";
}

function range(init: object): Message {
  return create(RangeRequestSchema, init);
}

const prefix = (text: string) => ({ key: utf8(text), rangeEnd: prefixEnd(utf8(text)) });
const PUT = create(PutRequestSchema, { key: utf8("it's"), value: utf8("a b"), lease: 255n, prevKv: true });
const TXN = create(TxnRequestSchema, {
  compare: [{ key: utf8("a"), target: 3, targetUnion: { case: "value", value: utf8("1") } }],
  success: [{ request: { case: "requestPut", value: { key: utf8("a"), value: utf8("2") } } }],
});

const NO_PASSWORD = { noPassword: true };
const EVERYTHING = { key: utf8("\0"), rangeEnd: utf8("\0") };
const grant = (
  name: string,
  permType: Permission_Type,
  keys: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array },
) => create(AuthRoleGrantPermissionRequestSchema, { name, perm: { permType, ...keys } });

test.each<[string, Message, string]>([
  ["KV/Range", range({ key: utf8("/a") }), "get /a"],
  ["KV/Range", range({ ...prefix("/a/"), limit: 5n }), "get --prefix --limit=5 /a/"],
  ["KV/Range", range({ key: utf8("\0"), rangeEnd: utf8("\0"), keysOnly: true }), "get --prefix --keys-only ''"],
  ["KV/Range", range({ key: utf8("k"), rangeEnd: utf8("\0") }), "get --from-key k"],
  ["KV/Range", range({ key: utf8("a"), rangeEnd: utf8("c"), revision: 7n }), "get --rev=7 a c"],
  ["KV/Range", range({ key: utf8("-x"), countOnly: true }), "get --count-only --write-out=fields -- -x"],
  ["KV/Range", range({ key: fromDisplay("a\\xff'\\n") }), "get $'a\\xff\\'\\n'"],
  ["KV/Range", range({ key: utf8("ключ €") }), "get 'ключ €'"],
  ["KV/Range", range({ key: utf8("k"), sortOrder: 2, sortTarget: 3 }), "get --order=DESCEND --sort-by=MODIFY k"],
  ["KV/Put", PUT, "put --lease=ff --prev-kv 'it'\\''s' 'a b'"],
  ["KV/DeleteRange", create(DeleteRangeRequestSchema, { key: utf8("a"), rangeEnd: utf8("c") }), "del --range a c"],
  ["Lease/LeaseGrant", create(LeaseGrantRequestSchema, { TTL: 60n }), "lease grant 60"],
  ["Lease/LeaseRevoke", create(LeaseRevokeRequestSchema, { ID: 255n }), "lease revoke 00000000000000ff"],
  ["Maintenance/Status", create(StatusRequestSchema), "endpoint status --write-out=table"],
  ["Auth/UserAdd", create(AuthUserAddRequestSchema, { name: "it's", password: MASK }), "user add 'it'\\''s'"],
  ["Auth/UserAdd", create(AuthUserAddRequestSchema, { name: "a", options: NO_PASSWORD }), "user add --no-password a"],
  ["Auth/UserChangePassword", create(AuthUserChangePasswordRequestSchema, { name: "a" }), "user passwd a"],
  ["Auth/RoleGrantPermission", grant("r", 2, prefix("/a/")), "role grant-permission --prefix r readwrite /a/"],
  ["Auth/RoleGrantPermission", grant("r", 0, { key: utf8("k") }), "role grant-permission r read k"],
  ["Auth/RoleGrantPermission", grant("r", 1, EVERYTHING), "role grant-permission --prefix r write ''"],
  [
    "Auth/RoleRevokePermission",
    create(AuthRoleRevokePermissionRequestSchema, { role: "r", key: utf8("a"), rangeEnd: utf8("c") }),
    "role revoke-permission r a c",
  ],
  [
    "Cluster/MemberAdd",
    create(MemberAddRequestSchema, { peerURLs: ["http://a:1", "http://b:1"], isLearner: true }),
    "member add --peer-urls=http://a:1,http://b:1 --learner new-member",
  ],
  ["Cluster/MemberRemove", create(MemberRemoveRequestSchema, { ID: 255n }), "member remove ff"],
])("etcdctl, %s %#", (method, request, command) => {
  expect(snippet("etcdctl", `etcdserverpb.${method}`, request)).toBe(`etcdctl --endpoints=${URL} ${command}`);
});

test("etcdctl: a watch, a txn, a NUL byte, what it cannot say, and what it has no command for", () => {
  const watch = create(WatchCreateRequestSchema, { ...prefix("/a"), startRevision: 4n, prevKv: true, filters: [0] });
  expect(snippet("etcdctl", "etcdlite.v1.Watch/Watch", watch)).toBe(
    "# Not sent: filters: etcdctl shows events of every type.\n" +
      `etcdctl --endpoints=${URL} watch --prefix --rev=4 --prev-kv /a`,
  );
  expect(snippet("etcdctl", "etcdserverpb.KV/Txn", TXN)).toBe(
    `etcdctl --endpoints=${URL} txn <<'EOF'\nvalue("a") = "1"\n\nput "a" "2"\n\n\nEOF`,
  );
  expect(snippet("etcdctl", "etcdserverpb.KV/Range", range({ key: utf8("a\0") }))).toContain(
    `etcdctl --endpoints=${URL} txn <<'EOF'\n\nget "a\\x00"\n\n\nEOF`,
  );
  const chosen = create(LeaseGrantRequestSchema, { TTL: 60n, ID: 1n });
  expect(snippet("etcdctl", "etcdserverpb.Lease/LeaseGrant", chosen)).toContain("# Not sent: ID 0000000000000001");
  const list = create(ListKeysRequestSchema, { key: utf8("a"), rangeEnd: utf8("b"), limit: 3n });
  expect(snippet("etcdctl", "etcdlite.v1.Keys/ListKeys", list)).toMatch(/get --prefix --limit=3 --keys-only a$/);
});

test("curl: unary calls, streams in their envelope", () => {
  expect(snippet("curl", "etcdserverpb.KV/Range", range({ key: utf8("/a") }), "https://x.example/")).toBe(
    "curl -s https://x.example/etcdserverpb.KV/Range \\\n  -H 'content-type: application/json' \\\n" +
      `  -d '{"key":"L2E="}'`,
  );
  const watch = create(WatchCreateRequestSchema, { key: utf8("/a") });
  expect(snippet("curl", "etcdlite.v1.Watch/Watch", watch)).toContain(
    `printf '\\x00\\x00\\x00\\x00\\x0e%s' '{"key":"L2E="}' |`,
  );
});

test("whoever is signed in is named, passwords and tokens are left out", () => {
  const texts = Object.fromEntries(
    snippetsFor("etcdserverpb.KV/Range", range({ key: utf8("/a") }), URL, "alice").map(({ label, text }) => [
      label,
      text,
    ]),
  );
  expect(texts.etcdctl).toBe(`etcdctl --endpoints=${URL} --user=alice get /a`);
  expect(texts.curl).toContain("-H 'authorization: TOKEN'");
  expect(texts.TypeScript).toContain('client.range({ key: bytes("/a") }, signedIn)');
  expect(texts.Go).toContain('Username: "alice", Password: "********"');
  expect(texts.Python).toContain('user="alice", password="********"');
  const signIn = create(AuthenticateRequestSchema, { name: "alice", password: MASK });
  const texts2 = snippetsFor("etcdserverpb.Auth/Authenticate", signIn, URL, "alice").map(({ text }) => text);
  expect(texts2[0]).toContain("--user=alice");
  expect(texts2[1]).not.toContain("TOKEN");
  expect(texts2[3]).toContain('cli.Authenticate(ctx, "alice", "********")');
  expect(texts2[4]).toContain("AuthStub(etcd.channel).Authenticate");
});

test("the store in the browser: what URL to put", () => {
  const all = snippetsFor("etcdserverpb.KV/Range", range({ key: utf8("/a") }), "");
  const texts = Object.fromEntries(all.map(({ label, text }) => [label, text]));
  for (const label of ["etcdctl", "curl", "Python"])
    expect(texts[label]).toMatch(/^# This store is in the browser: put/);
  expect(texts.Go).toMatch(/^\/\/ This store is in the browser: put/);
  expect(texts.TypeScript).toContain('import { openStore } from "etcdlite/browser";');
  expect(texts.TypeScript).not.toContain("127.0.0.1");
});

test("TypeScript, Go and Python", () => {
  const texts = (method: string, request: Message) =>
    Object.fromEntries(snippetsFor(method, request, URL).map(({ label, text }) => [label, text]));
  const put = texts("etcdserverpb.KV/Put", PUT);
  expect(put.TypeScript).toContain(
    'client.put({ key: bytes("it\'s"), value: bytes("a b"), lease: 255n, prevKv: true })',
  );
  expect(put.TypeScript).toContain('import { KV } from "etcdlite/gen/etcdserverpb/kv";');
  expect(put.Go).toContain('cli.Put(ctx, "it\'s", "a b", clientv3.WithLease(0xff), clientv3.WithPrevKV())');
  expect(put.Python).toContain('etcd.put(b"it\'s", b"a b", lease=255, prev_kv=True)');
  const txn = texts("etcdserverpb.KV/Txn", TXN);
  expect(txn.TypeScript).toContain('targetUnion: { case: "value", value: bytes("1") }');
  expect(txn.Go).toContain('clientv3.Compare(clientv3.Value("a"), "=", "1"),');
  expect(txn.Go).toContain('clientv3.OpPut("a", "2"),');
  expect(txn.Python).toContain('request_put=etcd3.etcdrpc.PutRequest(key=b"a", value=b"2")');
  const get = texts("etcdserverpb.KV/Range", range({ ...prefix("/a/"), limit: 2n, sortOrder: 2, sortTarget: 1 }));
  expect(get.Go).toContain(
    'cli.Get(ctx, "/a/", clientv3.WithPrefix(), clientv3.WithLimit(2), ' +
      "clientv3.WithSort(clientv3.SortByVersion, clientv3.SortDescend))",
  );
  expect(get.Python).toContain("sort_order=etcd3.etcdrpc.RangeRequest.DESCEND");
  const bytes = texts("etcdserverpb.KV/Range", range({ key: Uint8Array.of(0xff, 0x22) }));
  expect(bytes.TypeScript).toContain("key: Uint8Array.of(255, 34)");
  expect(bytes.Python).toContain('b"\\xff\\""');
});

describe("as commands", () => {
  let server: EtcdliteServer;
  beforeAll(async () => {
    server = await createServer();
  });
  afterAll(() => server.close());
  const etcdctl = findEtcdctl();
  if (etcdctl === undefined) console.log(`etcdctl's snippets are not run: ${MISSING_ETCD}`);

  const bash = async (text: string): Promise<string> => {
    const command = etcdctl === undefined ? text : text.replaceAll(/\betcdctl --/g, `'${etcdctl}' --`);
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", command], {
      encoding: "latin1",
      timeout: 20_000,
    });
    return stdout;
  };
  const kv = () => createClient(KV, createConnectTransport({ baseUrl: server.url }));
  const stored = async (key: Uint8Array) => (await kv().range({ key })).kvs[0];

  test.skipIf(etcdctl === undefined && !toolsAreRequired())(
    "etcdctl stores and reads bytes of every kind",
    async () => {
      const keys = [
        "plain",
        'it\'s "quoted"',
        "-flag",
        "\\xff\\x80é€",
        "line\\nbreak\\t",
        "nul\\x00byte",
        "$HOME `x` !1",
      ];
      for (const text of keys.map(fromDisplay)) {
        const value = Uint8Array.of(...text, 0x0a, 0xfe);
        await bash(
          snippet("etcdctl", "etcdserverpb.KV/Put", create(PutRequestSchema, { key: text, value }), server.url),
        );
        expect((await stored(text))?.value).toEqual(value);
        const read = await bash(snippet("etcdctl", "etcdserverpb.KV/Range", range({ key: text }), server.url));
        expect(read).toContain(String.fromCharCode(...value));
      }
      const lease = await createClient(Lease, createConnectTransport({ baseUrl: server.url })).leaseGrant({
        TTL: 600n,
      });
      const txn = create(TxnRequestSchema, {
        compare: [{ key: utf8("plain"), target: 0, result: 1, targetUnion: { case: "version", value: 0n } }],
        success: [{ request: { case: "requestPut", value: { key: utf8("-t"), value: utf8("-v"), lease: lease.ID } } }],
      });
      expect(await bash(snippet("etcdctl", "etcdserverpb.KV/Txn", txn, server.url))).toBe("SUCCESS\n\nOK\n");
      expect((await stored(utf8("-t")))?.lease).toBe(lease.ID);
      const all = create(DeleteRangeRequestSchema, { key: utf8("\0"), rangeEnd: utf8("\0") });
      expect(await bash(snippet("etcdctl", "etcdserverpb.KV/DeleteRange", all, server.url))).toBe(
        `${keys.length + 1}\n`,
      );
    },
  );

  test("curl stores bytes, and its reply is the response", async () => {
    const key = fromDisplay("curl's \\xff\\x00");
    await bash(snippet("curl", "etcdserverpb.KV/Put", create(PutRequestSchema, { key, value: key }), server.url));
    const request = create(RangeRequestSchema, { key });
    const reply = JSON.parse(await bash(snippet("curl", "etcdserverpb.KV/Range", request, server.url)));
    const want = await kv().range(request);
    expect(equals(RangeResponseSchema, want, await kv().range(request))).toBe(true);
    expect(reply).toEqual(toJson(RangeResponseSchema, want));
  });

  test("curl watches", async () => {
    const key = utf8("watched");
    await kv().put({ key, value: utf8("1") });
    const watch = create(WatchCreateRequestSchema, { key, startRevision: 1n });
    const command = snippet("curl", "etcdlite.v1.Watch/Watch", watch, server.url).replace("curl -sN", "curl -sN -m 1");
    const printed = await bash(`${command} || true`);
    expect(printed).toContain(`"value":"${btoa("1")}"`);
  });
});
