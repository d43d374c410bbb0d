/** Calls with a token among their metadata, on a server with authentication: the codes and messages that come back. */
import assert from "node:assert/strict";
import { Metadata, status } from "@grpc/grpc-js";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { PASSWORD } from "../harness/auth.ts";
import type { Case } from "./case.ts";
import { bytes, text } from "./case.ts";
import type { GrpcClient } from "./client.ts";

async function tokenOf(client: GrpcClient, name: string): Promise<string> {
  return (await client.call(Auth.method.authenticate, { name, password: PASSWORD })).token;
}

function withToken(token: string, key = "token"): Metadata {
  const metadata = new Metadata();
  metadata.set(key, token);
  return metadata;
}

/** The cases' prefix is what u may read and write. */
export const authCases: readonly Case[] = [
  {
    name: "auth: a token in each of its two places, a wrong one, none",
    body: async (client, prefix) => {
      const token = await tokenOf(client, "u");
      const request = { key: bytes(`${prefix}a`), value: bytes("1") };
      for (const key of ["token", "authorization"]) {
        const put = await client.unary(KV.method.put, request, withToken(token, key));
        assert.equal(put.status.code, status.OK, put.status.details);
      }
      const wrong = await client.unary(KV.method.put, request, withToken("wrong"));
      assert.deepEqual([wrong.status.code, wrong.status.details], [16, "etcdserver: invalid auth token"]);
      const none = await client.unary(KV.method.put, request);
      assert.deepEqual([none.status.code, none.status.details], [3, "etcdserver: user name is empty"]);
      const both = withToken(token);
      both.set("authorization", "wrong");
      assert.equal((await client.unary(KV.method.range, { key: request.key }, both)).status.code, status.OK);
    },
  },
  {
    name: "auth: denied by key, by range, by service",
    body: async (client, prefix) => {
      const token = withToken(await tokenOf(client, "u"));
      const key = bytes(prefix);
      const denied = [status.PERMISSION_DENIED, "etcdserver: permission denied"];
      for (const got of [
        await client.unary(KV.method.range, { key: bytes("elsewhere") }, token),
        await client.unary(KV.method.range, { key, rangeEnd: Uint8Array.of(0) }, token),
        await client.unary(KV.method.compact, { revision: 1n }, token),
        await client.unary(Maintenance.method.hashKV, {}, token),
        await client.unary(Auth.method.userList, {}, token),
      ]) {
        assert.deepEqual([got.status.code, got.status.details], denied);
      }
      const own = await client.unary(KV.method.range, { key, rangeEnd: bytes(`${prefix}~`) }, token);
      assert.equal(own.status.code, status.OK, own.status.details);
    },
  },
  {
    name: "auth: streams, each by its own metadata",
    body: async (client, prefix) => {
      const token = withToken(await tokenOf(client, "u"));
      const watch = client.bidi(Watch.method.watch, {}, token);
      for (const key of [`${prefix}w`, "elsewhere"]) {
        watch.send({ requestUnion: { case: "createRequest", value: { key: bytes(key) } } });
      }
      assert.equal((await watch.next())?.created, true);
      const refused = await watch.next();
      assert.deepEqual([refused?.watchId, refused?.canceled], [-1n, true]);
      assert.match(refused?.cancelReason ?? "", /code = PermissionDenied desc = etcdserver: permission denied$/);
      await client.unary(KV.method.put, { key: bytes(`${prefix}w`), value: bytes("1") }, token);
      assert.equal(text((await watch.next())?.events[0]?.kv?.value), "1");
      watch.cancel();
      const nobody = client.bidi(Lease.method.leaseKeepAlive);
      nobody.send({ ID: 5n });
      assert.equal(await nobody.next(), undefined);
      assert.equal((await nobody.status).details, "etcdserver: user name is empty");
      const snapshot = client.serverStream(Maintenance.method.snapshot, {}, token);
      assert.equal(await snapshot.next(), undefined);
      assert.equal((await snapshot.status).code, status.PERMISSION_DENIED);
    },
  },
  {
    name: "auth: a changed password ends the user's tokens, another user's not",
    body: async (client, prefix) => {
      const [root, u] = [withToken(await tokenOf(client, "root")), withToken(await tokenOf(client, "u"))];
      const change = await client.unary(Auth.method.userChangePassword, { name: "u", password: PASSWORD }, root);
      assert.equal(change.status.code, status.OK, change.status.details);
      const key = bytes(prefix);
      assert.equal((await client.unary(KV.method.range, { key }, u)).status.code, status.UNAUTHENTICATED);
      assert.equal((await client.unary(KV.method.range, { key }, root)).status.code, status.OK);
      const again = withToken(await tokenOf(client, "u"));
      assert.equal((await client.unary(KV.method.range, { key }, again)).status.code, status.OK);
    },
  },
];
