/** A page that signs in: a token from Authenticate, sent with every call by an interceptor, on a server with auth. */
import assert from "node:assert/strict";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Lease as BrowserLease } from "../../../src/gen/etcdlite/v1/lease_pb.ts";
import { Watch as BrowserWatch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { PASSWORD } from "../harness/auth.ts";
import { bytes, text, withPrefix } from "./case.ts";
import type { TransportCase } from "./transports.ts";

export type AuthCase = {
  readonly name: string;
  /** The prefix is what the user u may read and write. */
  body(kind: TransportCase, url: string, prefix: string): Promise<void>;
};

function withToken(token: string, header = "authorization"): Interceptor {
  return (next) => (request) => {
    request.header.set(header, token);
    return next(request);
  };
}

async function signIn(kind: TransportCase, url: string): Promise<{ token: string; transport: Transport }> {
  const { token } = await createClient(Auth, kind.open(url)).authenticate({ name: "u", password: PASSWORD });
  return { token, transport: kind.open(url, [withToken(token)]) };
}

async function fails(call: Promise<unknown>): Promise<[Code, string]> {
  const error = await call.then(
    () => assert.fail("no error"),
    (reason: unknown) => ConnectError.from(reason),
  );
  return [error.code, error.rawMessage];
}

export const authCases: readonly AuthCase[] = [
  {
    name: "auth: a token in each of its two headers, a wrong one, none, another's key",
    body: async (kind, url, prefix) => {
      const { token, transport } = await signIn(kind, url);
      const key = bytes(`${prefix}a`);
      for (const header of ["token", "authorization"]) {
        await createClient(KV, kind.open(url, [withToken(token, header)])).put({ key, value: bytes(header) });
      }
      const kv = createClient(KV, transport);
      assert.equal(text((await kv.range(withPrefix(prefix))).kvs[0]?.value), "authorization");
      const denied = await fails(kv.range({ key: bytes("elsewhere") }));
      assert.deepEqual(denied, [Code.PermissionDenied, "etcdserver: permission denied"]);
      const wrong = await fails(createClient(KV, kind.open(url, [withToken("wrong")])).range({ key }));
      assert.deepEqual(wrong, [Code.Unauthenticated, "etcdserver: invalid auth token"]);
      const none = await fails(createClient(KV, kind.open(url)).range({ key }));
      assert.deepEqual(none, [Code.InvalidArgument, "etcdserver: user name is empty"]);
      const password = createClient(Auth, kind.open(url)).authenticate({ name: "u", password: "wrong" });
      const message = "etcdserver: authentication failed, invalid user ID or password";
      assert.deepEqual(await fails(password), [Code.InvalidArgument, message]);
    },
  },
  {
    name: "auth: a watch and a keep-alive by etcdlite.v1",
    body: async (kind, url, prefix) => {
      const { transport } = await signIn(kind, url);
      const key = bytes(`${prefix}w`);
      const { header } = await createClient(KV, transport).put({ key, value: bytes("1") });
      const watch = createClient(BrowserWatch, transport);
      const abort = new AbortController();
      let seen = "";
      for await (const { events } of watch.watch(
        { key, startRevision: header?.revision ?? 0n },
        { signal: abort.signal },
      )) {
        seen = text(events[0]?.kv?.value);
        if (seen !== "") break;
      }
      abort.abort();
      assert.equal(seen, "1");
      for await (const { canceled, cancelReason } of watch.watch({ key: bytes("elsewhere") })) {
        assert.equal(canceled, true);
        assert.match(cancelReason, /code = PermissionDenied desc = etcdserver: permission denied$/);
        break;
      }
      assert.equal((await createClient(BrowserLease, transport).leaseKeepAlive({ ID: 5n })).TTL, 0n);
      const nobody = await fails(createClient(BrowserLease, kind.open(url)).leaseKeepAlive({ ID: 5n }));
      assert.deepEqual(nobody, [Code.InvalidArgument, "etcdserver: user name is empty"]);
    },
  },
];
