"""Cases for etcd3gw, OpenStack's client of etcd's JSON gateway; each has a prefix and a client of its own.

    python3 gateway.py http://127.0.0.1:2379 PREFIX

Its watch takes each HTTP chunk for one JSON object, so a real etcd's messages of more than 2 KiB, whose line end
comes in a chunk of its own, stop it: here they are small.
"""
import base64
import sys
from urllib.parse import urlparse

from etcd3gw import Etcd3Client
from etcd3gw.exceptions import Etcd3Exception, WatchTimedOut

from cases import SECONDS_TO_WAIT, case, equal, main, raises

URL, PREFIX = urlparse(sys.argv[1]), sys.argv[2]


def connect(api_path="/v3/"):
    return Etcd3Client(host=URL.hostname, port=URL.port, timeout=SECONDS_TO_WAIT, api_path=api_path)


def names(pairs, prefix):
    return [meta["key"].decode()[len(prefix):] for _, meta in pairs]


@case("put, get, delete")
def put_get_delete(client, prefix):
    key = prefix + "a"
    equal(client.get(key), [], "a missing key")
    equal(client.put(key, "1"), True)
    equal(client.put(key, b"\x00\xff\xfe"), True)
    equal(client.get(key), [b"\x00\xff\xfe"])
    value, meta = client.get(key, metadata=True)[0]
    equal((value, meta["key"], meta["version"]), (b"\x00\xff\xfe", key.encode(), "2"))
    equal(int(meta["mod_revision"]), int(meta["create_revision"]) + 1)
    client.put(key, "")
    equal(client.get(key), [b""], "an empty value, which is left out of the JSON")
    equal(client.delete(key), True)
    equal(client.delete(key), False, "deleted again")


@case("prefix, sort, limit, all")
def ranges(client, prefix):
    for key, value in (("b", "2"), ("a", "3"), ("c", "1")):
        client.put(prefix + key, value)
    equal(names(client.get_prefix(prefix), prefix), ["a", "b", "c"])
    equal(names(client.get_prefix(prefix, sort_order="descend", sort_target="value"), prefix), ["a", "b", "c"])
    equal(names(client.get_prefix(prefix, sort_order="ascend", sort_target="create"), prefix), ["b", "a", "c"])
    equal(names(client.get_prefix(prefix, sort_order="descend", sort_target="mod"), prefix), ["c", "a", "b"])
    end = base64.b64encode((prefix + "z").encode()).decode()
    equal(client.get(prefix, range_end=end, limit=2), [b"3", b"2"])
    equal(client.delete_prefix(prefix), True)
    equal(client.get_prefix(prefix), [])


@case("create, replace, a transaction")
def transactions(client, prefix):
    key = prefix + "a"
    equal(client.create(key, "1"), True)
    equal(client.create(key, "2"), False)
    equal(client.replace(key, "1", "3"), True)
    equal(client.replace(key, "1", "4"), False)
    name = base64.b64encode(key.encode()).decode()
    result = client.transaction({
        "compare": [
            {"key": name, "result": "GREATER", "target": "VERSION", "version": 1},
            {"key": name, "result": "NOT_EQUAL", "target": "MOD", "modRevision": "0"},
        ],
        "success": [{"request_put": {"key": name, "value": "NQ==", "prev_kv": True}}, {"requestRange": {"key": name}}],
        "failure": [{"request_delete_range": {"key": name}}],
    })
    equal(result["succeeded"], True)
    equal(result["responses"][0]["response_put"]["prev_kv"]["value"], "Mw==")
    equal(result["responses"][1]["response_range"]["count"], "1")
    equal(client.get(key), [b"5"])


@case("leases")
def leases(client, prefix):
    lease = client.lease(ttl=600)
    client.put(prefix + "a", "1", lease=lease)
    client.create(prefix + "b", "1", lease=lease)
    equal(590 < lease.ttl() <= 600, True, "time left")
    equal(sorted(lease.keys()), [(prefix + name).encode() for name in "ab"])
    equal(lease.refresh(), 600)
    equal(lease.revoke(), True)
    equal(client.get_prefix(prefix), [])
    equal(lease.refresh(), -1, "refreshed when it is gone")
    equal(lease.ttl(), -1)


@case("a lease that expires")
def lease_expiry(client, prefix):
    client.put(prefix + "a", "1", lease=client.lease(ttl=2))
    event = client.watch_once(prefix + "a", timeout=SECONDS_TO_WAIT, filters=["NOPUT"])
    equal(event["type"], "DELETE")


@case("locks")
def locks(client, prefix):
    name = prefix.replace("/", "-")
    first, second = client.lock(name, ttl=20), client.lock(name, ttl=20)
    equal(first.acquire(), True)
    equal(second.acquire(), False)
    equal((first.is_acquired(), second.is_acquired()), (True, False))
    equal(first.refresh(), 20)
    equal(first.release(), True)
    with second:
        equal(second.is_acquired(), True)
        equal(first.release(), False, "not the holder any more")
    equal(second.is_acquired(), False)


@case("watch: live, one key and a prefix")
def watch(client, prefix):
    one, cancel_one = client.watch(prefix + "a", prev_kv=True)
    every, cancel_every = client.watch_prefix(prefix)
    # The answer's headers, which watch() waits for, come with the first message: that the watch is there.
    client.put(prefix + "a", "1")
    client.put(prefix + "b", "2")
    client.delete(prefix + "a")
    equal([next(one).get("type", "PUT") for _ in range(2)], ["PUT", "DELETE"])
    seen = [next(every) for _ in range(3)]
    equal([event["kv"]["key"].decode()[len(prefix):] for event in seen], ["a", "b", "a"])
    equal([event["kv"].get("value") for event in seen], [b"1", b"2", None])
    cancel_one()
    cancel_every()


@case("watch: the past, then live")
def watch_past(client, prefix):
    client.put(prefix + "0", "x")
    first = int(client.get(prefix + "0", metadata=True)[0][1]["mod_revision"])
    for number in range(1, 5):
        client.put(prefix + str(number), "x")
    events, cancel = client.watch_prefix(prefix, start_revision=first)
    equal([int(next(events)["kv"]["mod_revision"]) - first for _ in range(5)], [0, 1, 2, 3, 4])
    for number in range(20):
        client.put(prefix + str(number), "again")
        equal(next(events)["kv"]["value"], b"again")
    cancel()


@case("watch: once, and its timeout")
def watch_once(client, prefix):
    client.put(prefix + "a", "1")
    revision = int(client.get(prefix + "a", metadata=True)[0][1]["mod_revision"])
    event = client.watch_once(prefix + "a", timeout=SECONDS_TO_WAIT, start_revision=revision)
    equal(event["kv"]["value"], b"1")
    raises(WatchTimedOut, lambda: client.watch_once(prefix + "none", timeout=0.2))


@case("status, members")
def maintenance(client, _prefix):
    status = client.status()
    equal(status["version"], "3.7.1")
    equal(status["leader"], status["header"]["member_id"])
    members = client.members()
    equal([member["ID"] for member in members], [status["leader"]])
    equal(len(members[0]["clientURLs"]) > 0, True)


@case("errors, with their status and text")
def errors(client, prefix):
    empty = raises(Etcd3Exception, lambda: client.put("", "1"))
    equal('"message":"etcdserver: key is not provided"' in empty.detail_text, True, empty.detail_text)
    lease = client.lease(ttl=600)
    lease.revoke()
    gone = raises(Etcd3Exception, lambda: client.put(prefix + "a", "1", lease=lease))
    equal('"code":5' in gone.detail_text, True, gone.detail_text)
    future = raises(Etcd3Exception, lambda: client.get(prefix + "a", revision=1 << 40))
    equal("required revision is a future revision" in future.detail_text, True, future.detail_text)


@case("the old path /v3beta/ gives the same; /v3alpha/ is gone")
def beta(_client, prefix):
    old = connect("/v3beta/")
    old.put(prefix + "a", "1")
    equal(old.get(prefix + "a"), [b"1"])
    raises(Etcd3Exception, lambda: connect("/v3alpha/").get(prefix + "a"))


def call(number, body):
    body(connect(), f"{PREFIX}gw/{number}/")


main(call)
