/** Calls that are refused for want of a sign-in, and go on with one. */
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { afterEach, expect, test, vi } from "vitest";
import { Watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { type WatchResponse, WatchResponseSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { wantsSignIn, watchRefusal } from "../../../web/src/store/refusal.ts";
import { background } from "../../../web/src/store/requestlog.ts";
import { Session } from "../../../web/src/store/session.ts";
import { setSignedIn, signedIn } from "../../../web/src/store/tokens.ts";
import { layered } from "../../../web/src/store/transport.ts";

const ENDPOINT = "http://here";
const INVALID = new ConnectError("etcdserver: invalid auth token", Code.Unauthenticated);
const NOBODY = new ConnectError("etcdserver: user name is empty", Code.InvalidArgument);
const OLD = new ConnectError("etcdserver: revision of auth store is old", Code.InvalidArgument);

/** A server that takes one token, and says why it does not take another. */
function serverWith(state: { valid: string | undefined; refusal: ConnectError }) {
  const seen: (string | null)[] = [];
  const check = (token: string | null): void => {
    seen.push(token);
    if (token !== state.valid) throw state.refusal;
  };
  const transport = createRouterTransport(({ service }) => {
    service(KV, {
      put(_request, { requestHeader }) {
        check(requestHeader.get("authorization"));
        return {};
      },
    });
    service(Auth, {
      userAdd: () => {
        throw NOBODY;
      },
      authenticate(_request, { requestHeader }) {
        seen.push(requestHeader.get("authorization"));
        return { token: "new" };
      },
    });
    service(Watch, {
      async *watch({ key }, { requestHeader }): AsyncGenerator<WatchResponse> {
        try {
          check(requestHeader.get("authorization"));
        } catch (error) {
          const cancelReason = `rpc error: code = ${Code[ConnectError.from(error).code]} desc = ${ConnectError.from(error).rawMessage}`;
          yield create(WatchResponseSchema, { created: true, canceled: true, watchId: -1n, cancelReason });
          return;
        }
        yield create(WatchResponseSchema, { created: true, events: [{ kv: { key } }] });
      },
    });
  });
  return { transport, seen };
}

function sessionOn(transport: Transport): { session: Session; transport: Transport } {
  const session = new Session(ENDPOINT);
  return { session, transport: layered(transport, [session.interceptor as Interceptor]) };
}

function who(user: string, token: string, renew = async (): Promise<string> => "renewed") {
  return { user, token, renew };
}

afterEach(() => signedIn.set(new Map()));

test("a refused call waits for the sign-in, and is made again with its token", async () => {
  const { transport: server, seen } = serverWith({ valid: "t1", refusal: NOBODY });
  const { session, transport } = sessionOn(server);
  const put = createClient(KV, transport).put({});
  await vi.waitFor(() => expect(session.asking.value).toBe(true));
  expect(session.refusal.value?.rawMessage).toBe(NOBODY.rawMessage);
  session.accept(who("alice", "t1"));
  await put;
  expect(seen).toEqual([null, "t1"]);
  expect([session.user.value, session.asking.value, session.refusal.value]).toEqual(["alice", false, undefined]);
});

test("dismissed, what waits fails as it would have, and what follows fails at once; a later sign-in is asked for", async () => {
  const { transport: server } = serverWith({ valid: "t1", refusal: NOBODY });
  const { session, transport } = sessionOn(server);
  const kv = createClient(KV, transport);
  const put = kv.put({});
  const failed = expect(put).rejects.toThrow("user name is empty");
  await vi.waitFor(() => expect(session.asking.value).toBe(true));
  session.dismiss();
  await failed;
  await expect(kv.put({})).rejects.toThrow("user name is empty");
  expect(session.asking.value).toBe(false);
  expect(session.refusal.value).toBeDefined();
  session.ask();
  session.accept(who("alice", "t1"));
  await kv.put({});
});

test("what the page does by itself does not wait, but has the user asked", async () => {
  const { transport: server } = serverWith({ valid: "t1", refusal: INVALID });
  const { session, transport } = sessionOn(server);
  await expect(createClient(KV, transport).put({}, { contextValues: background })).rejects.toThrow(
    "invalid auth token",
  );
  expect(session.asking.value).toBe(true);
});

test("a call that was refused with a token that is another's by now is made again at once", async () => {
  const state = { valid: "t2", refusal: INVALID };
  const { transport: server, seen } = serverWith(state);
  const { session, transport } = sessionOn(server);
  session.accept(who("alice", "t1"));
  const first = createClient(KV, transport).put({});
  session.accept(who("alice", "t2"));
  await first;
  expect(seen.at(-1)).toBe("t2");
  expect(session.asking.value).toBe(false);
});

test("a token that is only old is renewed, once for all that were refused", async () => {
  const { transport: server } = serverWith({ valid: "renewed", refusal: OLD });
  const { session, transport } = sessionOn(server);
  const renew = vi.fn(async () => "renewed");
  session.accept(who("alice", "t1", renew));
  const kv = createClient(KV, transport);
  await Promise.all([kv.put({}), kv.put({}), kv.put({})]);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(session.asking.value).toBe(false);
});

test("where it cannot be renewed the user is asked", async () => {
  const { transport: server } = serverWith({ valid: "t2", refusal: OLD });
  const { session, transport } = sessionOn(server);
  session.accept(who("alice", "t1", () => Promise.reject(new Error("no"))));
  const put = createClient(KV, transport).put({});
  await vi.waitFor(() => expect(session.asking.value).toBe(true));
  session.accept(who("alice", "t2"));
  await put;
});

test("while a sign-in is under way nobody is asked", async () => {
  const { transport: server } = serverWith({ valid: "t1", refusal: NOBODY });
  const { session, transport } = sessionOn(server);
  let finish: () => void = () => {};
  const work = session.signingIn(new Promise<void>((resolve) => (finish = resolve)));
  const put = createClient(KV, transport).put({});
  await Promise.resolve();
  session.accept(who("root", "t1"));
  finish();
  await Promise.all([work, put]);
  expect(session.asking.value).toBe(false);
});

test("a watch that is refused by its first response waits for the sign-in, also of a user who puts it off", async () => {
  const { transport: server, seen } = serverWith({ valid: "t1", refusal: INVALID });
  const { session, transport } = sessionOn(server);
  const responses: WatchResponse[] = [];
  const watch = (async () => {
    for await (const one of createClient(Watch, transport).watch({ key: Uint8Array.of(1) })) responses.push(one);
  })();
  await vi.waitFor(() => expect(session.asking.value).toBe(true));
  session.dismiss();
  session.accept(who("alice", "t1"));
  await watch;
  expect(responses.map(({ created, canceled }) => [created, canceled])).toEqual([[true, false]]);
  expect(seen).toEqual([null, "t1"]);
});

test("a watch that is not permitted fails with etcd's error", async () => {
  const refusal = new ConnectError("etcdserver: permission denied", Code.PermissionDenied);
  const { transport: server } = serverWith({ valid: "t1", refusal });
  const { session, transport } = sessionOn(server);
  const first = createClient(Watch, transport).watch({})[Symbol.asyncIterator]().next();
  await expect(first).rejects.toMatchObject({ code: Code.PermissionDenied, rawMessage: refusal.rawMessage });
  expect(session.asking.value).toBe(false);
});

test("a sign-in goes without the token that there is", async () => {
  const { transport: server, seen } = serverWith({ valid: "t1", refusal: INVALID });
  const { session, transport } = sessionOn(server);
  session.accept(who("alice", "t0"));
  await createClient(Auth, transport).authenticate({ name: "alice", password: "p" });
  expect(seen).toEqual([null]);
});

test("a user without a name is no want of a sign-in", async () => {
  const { transport: server } = serverWith({ valid: "t1", refusal: NOBODY });
  const { session, transport } = sessionOn(server);
  await expect(createClient(Auth, transport).userAdd({ name: "" })).rejects.toThrow("user name is empty");
  expect(session.asking.value).toBe(false);
});

test("the epoch goes up when another user comes, or nobody, and not with another token or the first user", () => {
  const { session } = sessionOn(serverWith({ valid: undefined, refusal: NOBODY }).transport);
  const epochs = [
    () => setSignedIn(ENDPOINT, who("alice", "t1")),
    () => setSignedIn(ENDPOINT, who("alice", "t2")),
    () => setSignedIn("http://elsewhere", who("bob", "t3")),
    () => setSignedIn(ENDPOINT, who("bob", "t4")),
    () => session.leave(),
  ].map((act) => {
    act();
    return session.epoch.value;
  });
  expect(epochs).toEqual([0, 0, 0, 1, 2]);
});

test("what is closed asks nobody, and lets what waits go", async () => {
  const { transport: server } = serverWith({ valid: "t1", refusal: NOBODY });
  const { session, transport } = sessionOn(server);
  const failed = expect(createClient(KV, transport).put({})).rejects.toThrow("user name is empty");
  await vi.waitFor(() => expect(session.asking.value).toBe(true));
  session.close();
  await failed;
});

test("which errors want a sign-in, and what a watch is canceled for", () => {
  expect([INVALID, NOBODY, OLD].map(wantsSignIn)).toEqual([true, true, true]);
  const denied = new ConnectError("etcdserver: permission denied", Code.PermissionDenied);
  expect(wantsSignIn(denied)).toBe(false);
  const method = Watch.method.watch as DescMethod;
  const response = (fields: object): Message => create(WatchResponseSchema, fields);
  const reason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
  expect(watchRefusal(method, response({ created: true, canceled: true, cancelReason: reason }))).toMatchObject({
    code: Code.PermissionDenied,
    rawMessage: denied.rawMessage,
  });
  const empty = { created: true, canceled: true, cancelReason: "mvcc: watcher range is empty" };
  expect(watchRefusal(method, response(empty))).toBeUndefined();
  expect(watchRefusal(method, response({ created: true }))).toBeUndefined();
});
