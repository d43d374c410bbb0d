/** What is made equal before two replies are compared, and that nothing else is. */
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { AuthenticateResponseSchema } from "../../src/gen/etcdserverpb/auth_pb.ts";
import {
  MemberAddResponseSchema,
  MemberListResponseSchema,
  MemberRemoveRequestSchema,
} from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { LeaseLeasesResponseSchema } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { StatusResponseSchema } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { credentialHeaders } from "./credential.ts";
import { Identity, OWN_PEER_URL } from "./identity.ts";
import { normalise } from "./normalise.ts";
import { normaliseBody } from "./normalisejson.ts";
import { formatMessage } from "./text.ts";

const OWN_URL = "http://127.0.0.1:7777";
const identity = (): Identity =>
  new Identity({
    clusterId: 70n,
    memberId: 9007199254740993n,
    sourceId: 77n,
    url: OWN_URL,
    peerUrls: ["http://127.0.0.1:8888"],
  });

describe("bodies of the gateway", () => {
  const body = (path: string, text: string, own = identity()): string[] => normaliseBody(path, text, own);

  test("blanks go, all other bytes stay", () => {
    expect(body("/v3/kv/range", '{"a": "x \\u003c y",\n "b":[ 1, {} ]}')).toEqual(['{"a":"x \\u003c y","b":[1,{}]}']);
    expect(body("/v3/kv/range", '{"a":1.0}')).not.toEqual(body("/v3/kv/range", '{"a":1}'));
  });

  test("what is no JSON is kept as it is", () => {
    expect(body("/v3/x", "Not Found\n")).toEqual(['"Not Found\\n"']);
    expect(body("/v3/x", '{"a":1')).toEqual(['"{\\"a\\":1"']);
    expect(body("/v3/x", "")).toEqual([]);
  });

  test("own IDs become 1, others stay", () => {
    const header = (cluster: string, member: string): string =>
      `{"header":{"cluster_id":"${cluster}","member_id":"${member}","revision":"70"}}`;
    expect(body("/v3/kv/put", header("70", "9007199254740993"))).toEqual([header("1", "1")]);
    expect(body("/v3/kv/put", header("71", "9007199254740992"))).toEqual([header("71", "9007199254740992")]);
  });

  test("a stream's results are lines, and normalised one by one", () => {
    const line = '{"result":{"header":{"cluster_id":"70"},"ID":"5"}}';
    const expected = '{"result":{"header":{"cluster_id":"1"},"ID":"5"}}';
    expect(body("/v3/lease/keepalive", `${line}\n${line}\n`)).toEqual([expected, expected]);
  });

  test("members are named in the order of their adding, and sorted", () => {
    const own = identity();
    const added = body(
      "/v3/cluster/member/add",
      '{"member":{"ID":"33"},"members":[{"ID":"33"},{"ID":"9007199254740993"}]}',
      own,
    );
    expect(added).toEqual(['{"member":{"ID":"1001"},"members":[{"ID":"1"},{"ID":"1001"}]}']);
    expect(own.ownMember(1001n)).toBe(33n);
    expect(String(own.ownBody(Buffer.from('{"ID":"#1001","peerURLs":["http://own.peer:2380"]}')))).toBe(
      '{"ID":"33","peerURLs":["http://127.0.0.1:8888"]}',
    );
  });

  test("sizes, positions and tokens must look like what they are", () => {
    expect(body("/v3/maintenance/status", '{"dbSize":"20480","raftIndex":7}')).toEqual([
      '{"dbSize":"0","raftIndex":7}',
    ]);
    expect(body("/v3/auth/authenticate", '{"token":"abcdefghijklmnop.12"}')).toEqual(['{"token":"a token"}']);
    expect(body("/v3/auth/authenticate", '{"token":"abc"}')).toEqual(['{"token":"abc"}']);
  });

  test("the time left of a lease is its TTL while the clock agrees", () => {
    const own = identity();
    own.leaseTimes.refreshed(5n);
    const reply = (ttl: number): string => `{"ID":"5","TTL":"${ttl}","grantedTTL":"100"}`;
    expect(body("/v3/lease/timetolive", reply(99), own)).toEqual([reply(100)]);
    expect(body("/v3/lease/timetolive", reply(90), own)).toEqual([reply(90)]);
    expect(body("/v3/lease/timetolive", '{"ID":"6","TTL":"-1"}', own)).toEqual(['{"ID":"6","TTL":"-1"}']);
  });

  test("leases are listed by expiry, but for those that a session may have kept alive", () => {
    const own = identity();
    for (const id of [9n, 5n, 7n, 6n]) own.leaseTimes.refreshed(id);
    own.leaseTimes.perhapsRefreshed(9n);
    own.leaseTimes.perhapsRefreshed(5n);
    // Its session's keep-alive may still be on its way.
    own.leaseTimes.refreshed(9n);
    const reply = '{"leases":[{"ID":"9"},{"ID":"7"},{"ID":"5"},{"ID":"6"}]}';
    expect(body("/v3/lease/leases", reply, own)).toEqual(['{"leases":[{"ID":"7"},{"ID":"6"},{"ID":"5"},{"ID":"9"}]}']);
    const message = create(LeaseLeasesResponseSchema, { leases: [9n, 7n, 5n, 6n].map((ID) => ({ ID })) });
    normalise(message, own);
    expect(message.leases.map(({ ID }) => ID)).toEqual([7n, 6n, 5n, 9n]);
  });
});

describe("messages", () => {
  test("members, their URLs and their order", () => {
    const own = identity();
    const member = { ID: 12n, peerURLs: ["http://127.0.0.1:1"], isLearner: true };
    const server = { ID: 9007199254740993n, peerURLs: ["http://127.0.0.1:8888"], clientURLs: [OWN_URL] };
    const added = create(MemberAddResponseSchema, { member, members: [member, server] });
    normalise(added, own);
    const learner = 'ID=1001 peerURLs=["http://127.0.0.1:1"] isLearner=true';
    const first = `ID=1 peerURLs=["${OWN_PEER_URL}"] clientURLs=["own"]`;
    expect(formatMessage(MemberAddResponseSchema, added)).toBe(`member={${learner}} members=[{${first}},{${learner}}]`);
    const list = create(MemberListResponseSchema, { members: [{ ID: 12n }] });
    normalise(list, own);
    expect(list.members[0]?.ID).toBe(1001n);
    const request = own.ownRequest(MemberRemoveRequestSchema, create(MemberRemoveRequestSchema, { ID: 1001n }));
    expect(request).toMatchObject({ ID: 12n });
  });

  test("tokens and alarms in texts", () => {
    const reply = create(AuthenticateResponseSchema, { token: "ABCDEFGHIJKLMNOP.7" });
    normalise(reply, identity());
    expect(reply.token).toBe("a token");
    const errors = [
      "memberID:9007199254740993  alarm:NOSPACE ",
      "memberID:77 alarm:CORRUPT",
      "memberID:5 alarm:CORRUPT",
    ];
    const status = create(StatusResponseSchema, { errors });
    normalise(status, identity());
    expect(status.errors).toEqual(["memberID:1 alarm:NOSPACE", "memberID:2 alarm:CORRUPT", "memberID:5 alarm:CORRUPT"]);
  });
});

test.each([
  ["3", { token: "t" }, { Authorization: "t" }],
  ["4", {}, {}],
  ["=bad", { token: "bad" }, { Authorization: "bad" }],
  ["!3", { authorization: "t" }, { "Grpc-Metadata-Token": "t" }],
  ["~3", { authorization: "Bearer t" }, { authorization: "Bearer t" }],
  ["!=", { authorization: "" }, { "Grpc-Metadata-Token": "" }],
])("@%s", (as, grpc, http) => {
  const tokens = new Map([["3", "t"]]);
  expect(credentialHeaders(as, tokens, "grpc")).toEqual(grpc);
  expect(credentialHeaders(as, tokens, "http")).toEqual(http);
});
