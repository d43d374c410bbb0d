"""Cases for python-etcd3 against one endpoint; each has a prefix and a client of its own.

    python3 clients.py http://127.0.0.1:2379 PREFIX [USER PASSWORD CA]

With a user all of it is done as that user; a token travels by TLS only, so CA is whom to trust, and the URL https.
"""
import queue
import sys
import time
from urllib.parse import urlparse

import etcd3
import etcd3.events
import etcd3.exceptions
import grpc

from cases import SECONDS_TO_WAIT, case, equal, main, raises

# A store that others use may hold more than gRPC's 4 MiB for a client.
GRPC_OPTIONS = [("grpc.max_receive_message_length", -1)]
URL, PREFIX = urlparse(sys.argv[1]), sys.argv[2]
LOGIN = dict(zip(("user", "password"), sys.argv[3:5]))
TLS = dict(zip(("ca_cert",), sys.argv[5:]))


def connect(**login):
    options = {"timeout": SECONDS_TO_WAIT, "grpc_options": GRPC_OPTIONS, **TLS, **login}
    return etcd3.client(host=URL.hostname, port=URL.port, **options)


def keys(pairs, prefix):
    return [meta.key.decode()[len(prefix):] for _, meta in pairs]


@case("put, get, delete")
def put_get_delete(client, prefix):
    key = prefix + "a"
    equal(client.get(key), (None, None), "a missing key")
    client.put(key, "1")
    again = client.put(key, "2", prev_kv=True)
    equal(again.prev_kv.value, b"1", "prev_kv")
    value, meta = client.get(key)
    equal(value, b"2")
    equal(meta.version, 2, "version")
    equal(meta.mod_revision, again.header.revision, "mod_revision")
    equal(meta.create_revision, again.prev_kv.create_revision, "create_revision")
    equal(client.get(key, serializable=True)[0], b"2", "serializable")
    response = client.delete(key, prev_kv=True, return_response=True)
    equal(response.prev_kvs[0].value, b"2", "deleted")
    equal(client.delete(key), False, "deleted again")
    client.put(key, b"\x00\xff\xfe")
    equal(client.get(key)[0], b"\x00\xff\xfe", "bytes")


@case("put_if_not_exists, replace")
def conditional(client, prefix):
    key = prefix + "a"
    equal(client.put_if_not_exists(key, "1"), True)
    equal(client.put_if_not_exists(key, "2"), False)
    equal(client.replace(key, "1", "3"), True)
    equal(client.replace(key, "1", "4"), False)
    equal(client.get(key)[0], b"3")


@case("prefix, range, all, sort, count, keys_only")
def ranges(client, prefix):
    for key, value in (("b", "2"), ("a", "3"), ("c", "1")):
        client.put(prefix + key, value)
    equal(keys(client.get_prefix(prefix), prefix), ["a", "b", "c"], "prefix")
    equal(keys(client.get_range(prefix + "a", prefix + "c"), prefix), ["a", "b"], "range")
    ordered = client.get_prefix(prefix, sort_order="descend", sort_target="value")
    equal(keys(ordered, prefix), ["a", "b", "c"], "by value, descending")
    ordered = client.get_prefix(prefix, sort_order="ascend", sort_target="create")
    equal(keys(ordered, prefix), ["b", "a", "c"], "by creation")
    ordered = client.get_range(prefix, prefix + "z", sort_order="descend", sort_target="mod")
    equal(keys(ordered, prefix), ["c", "a", "b"], "by modification")
    equal(len(list(client.get_all())) >= 3, True, "all")
    equal([value for value, _ in client.get_prefix(prefix, keys_only=True)], [b"", b"", b""], "keys only")
    equal(client.get_prefix_response(prefix).count, 3, "count")
    equal(client.delete_prefix(prefix).deleted, 3, "delete_prefix")
    equal(list(client.get_prefix(prefix)), [])


@case("transactions")
def transactions(client, prefix):
    key, txn = prefix + "a", client.transactions
    client.put(key, "1")
    ok, responses = client.transaction(
        compare=[txn.value(key) == "1", txn.version(key) > 0, txn.create(prefix + "none") == 0, txn.mod(key) > 0],
        success=[txn.put(key, "2"), txn.get(key), txn.put(prefix + "b", "1")],
        failure=[txn.delete(key)],
    )
    equal(ok, True)
    equal(responses[1][0][0], b"2", "a get after the put")
    ok, responses = client.transaction(
        compare=[txn.value(key) != "2"],
        success=[txn.put(key, "3")],
        failure=[txn.delete(key), txn.get(prefix + "b")],
    )
    equal(ok, False)
    equal(responses[0].response_delete_range.deleted, 1, "deleted")
    nested = txn.txn(compare=[txn.version(key) == 0], success=[txn.put(key, "nested")], failure=[])
    ok, _ = client.transaction(compare=[], success=[nested], failure=[])
    equal(client.get(key)[0], b"nested")
    error = raises(grpc.RpcError, lambda: client.transaction([], [txn.put(key, "1"), txn.put(key, "2")], []))
    equal(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
    equal(error.details(), "etcdserver: duplicate key given in txn request")


@case("watch: iterator, prefix, cancel")
def watch(client, prefix):
    events, cancel = client.watch_prefix(prefix)
    single, cancel_single = client.watch(prefix + "b", prev_kv=True)
    client.put(prefix + "a", "1")
    client.put(prefix + "b", "2")
    client.put(prefix + "b", "3")
    client.delete(prefix + "a")
    seen = [next(events) for _ in range(4)]
    equal([type(event).__name__ for event in seen], ["PutEvent", "PutEvent", "PutEvent", "DeleteEvent"])
    equal([event.value for event in seen], [b"1", b"2", b"3", b""])
    equal((next(single).value, next(single).prev_value), (b"2", b"2"), "one key, with the previous value")
    cancel()
    cancel_single()
    equal(list(events), [], "nothing after cancel")


@case("watch: callback, from a revision, of a prefix")
def watch_callback(client, prefix):
    first = client.put(prefix + "a", "1").header.revision
    client.put(prefix + "a", "2")
    client.delete(prefix + "a")
    seen = queue.Queue()
    watch_id = client.add_watch_callback(prefix + "a", seen.put, start_revision=first)
    got = []
    while len(got) < 3:
        got += seen.get(timeout=SECONDS_TO_WAIT).events
    equal([event.mod_revision - first for event in got[:2]], [0, 1], "history")
    client.cancel_watch(watch_id)
    watch_id = client.add_watch_prefix_callback(prefix, seen.put)
    client.put(prefix + "b", "3")
    equal(seen.get(timeout=SECONDS_TO_WAIT).events[0].key, (prefix + "b").encode())
    client.cancel_watch(watch_id)


@case("watch: once, and its timeout")
def watch_once(client, prefix):
    revision = client.put(prefix + "a", "1").header.revision
    equal(client.watch_once(prefix + "a", timeout=SECONDS_TO_WAIT, start_revision=revision).value, b"1")
    equal(client.watch_prefix_once(prefix, timeout=SECONDS_TO_WAIT, start_revision=revision).value, b"1")
    raises(etcd3.exceptions.WatchTimedOut, lambda: client.watch_once(prefix + "none", timeout=0.2))


@case("watch: many on one stream, each its own events")
def watch_many(client, prefix):
    seen = queue.Queue()
    ids = []
    for number in range(30):
        ids.append(client.add_watch_callback(f"{prefix}{number}", lambda r, n=number: seen.put((n, r.events))))
    equal(len(set(ids)), 30, "watch ids")
    for number in range(30):
        client.put(f"{prefix}{number}", str(number))
    got = {}
    while len(got) < 30:
        number, events = seen.get(timeout=SECONDS_TO_WAIT)
        got[number] = [event.value.decode() for event in events]
    equal(got, {number: [str(number)] for number in range(30)})


@case("watch: a compacted revision; compact")
def watch_compacted(client, prefix):
    first = client.put(prefix + "a", "1").header.revision
    last = client.put(prefix + "a", "2").header.revision
    client.compact(last)
    seen = queue.Queue()
    client.add_watch_callback(prefix + "a", seen.put, start_revision=first)
    error = seen.get(timeout=SECONDS_TO_WAIT)
    equal(type(error), etcd3.exceptions.RevisionCompactedError)
    equal(error.compacted_revision, last)
    error = raises(grpc.RpcError, lambda: client.compact(last))
    equal(error.details(), "etcdserver: mvcc: required revision has been compacted")
    client.compact(client.put(prefix + "a", "3").header.revision, physical=True)


@case("leases")
def leases(client, prefix):
    lease = client.lease(600)
    client.put(prefix + "a", "1", lease=lease)
    equal(lease.granted_ttl, 600)
    equal(590 < lease.remaining_ttl <= 600, True, "time left")
    equal(list(lease.keys), [(prefix + "a").encode()])
    equal([response.TTL for response in lease.refresh()], [600], "refresh")
    equal(client.get(prefix + "a")[1].lease_id, lease.id)
    lease.revoke()
    equal(client.get(prefix + "a")[0], None)
    equal(lease.remaining_ttl, -1)
    named = client.lease(600, lease_id=0x5EED)
    equal(named.id, 0x5EED)
    raises(etcd3.exceptions.PreconditionFailedError, lambda: client.lease(600, lease_id=0x5EED))
    client.revoke_lease(0x5EED)


@case("a lease that expires")
def lease_expiry(client, prefix):
    events, cancel = client.watch(prefix + "a")
    client.put(prefix + "a", "1", lease=client.lease(2))
    started = time.monotonic()
    equal([type(next(events)).__name__ for _ in range(2)], ["PutEvent", "DeleteEvent"])
    equal(time.monotonic() - started > 1, True, "not before its time")
    cancel()


@case("locks")
def locks(client, prefix):
    name = prefix.replace("/", "-")
    first, second = client.lock(name, ttl=20), client.lock(name, ttl=20)
    equal(first.acquire(), True)
    equal(first.is_acquired(), True)
    equal(len(first.refresh()), 1)
    # Its own way to wait for a lock fails with today's tenacity, so this waits for the release by a watch.
    equal(client.put_if_not_exists(first.key, "other"), False, "held")
    events, cancel = client.watch(first.key)
    equal(second.is_acquired(), False)
    equal(first.release(), True)
    equal(type(next(events)).__name__, "DeleteEvent")
    cancel()
    equal(second.acquire(), True)
    equal(first.release(), False, "not the holder any more")
    equal(second.release(), True)
    with client.lock(name) as lock:
        equal(lock.is_acquired(), True)


@case("status, hash, defragment, members")
def maintenance(client, _prefix):
    status = client.status()
    equal(status.version, "3.7.1")
    members = list(client.members)
    equal(len(members), 1)
    equal(status.leader.id, members[0].id)
    equal(status.raft_term > 0 and status.raft_index > 0 and status.db_size > 0, True)
    equal(len(members[0].client_urls) > 0, True)
    if not LOGIN:  # its hash() forgets the token
        equal(client.hash(), client.hash())
    client.defragment()


@case("alarms")
def alarms(client, prefix):
    member = next(client.members)
    equal(list(client.list_alarms()), [])
    raised = client.create_alarm(member_id=member.id)
    equal([alarm.member_id for alarm in raised], [member.id])
    equal(len(list(client.list_alarms(member_id=member.id))), 1)
    error = raises(grpc.RpcError, lambda: client.put(prefix + "a", "1"))
    equal(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    equal(len(client.disarm_alarm(member_id=member.id)), 1)
    client.put(prefix + "a", "1")


@case("errors")
def errors(client, prefix):
    for call, code, details in (
        (lambda: client.put("", "1"), "INVALID_ARGUMENT", "etcdserver: key is not provided"),
        (lambda: client.put(prefix + "a", "1", lease=1234), "NOT_FOUND", "etcdserver: requested lease not found"),
        (lambda: client.revoke_lease(1234), "NOT_FOUND", "etcdserver: requested lease not found"),
        (lambda: client.compact(1 << 40), "OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision"),
        (lambda: client.put(prefix + "a", "v" * 1_600_000), "INVALID_ARGUMENT", "etcdserver: request is too large"),
    ):
        error = raises(grpc.RpcError, call)
        equal((error.code().name, error.details()), (code, details))


if LOGIN:

    @case("who may not: a wrong password, nobody, another's key")
    def refused(client, prefix):
        error = raises(grpc.RpcError, lambda: connect(user=LOGIN["user"], password="wrong"))
        equal(error.details(), "etcdserver: authentication failed, invalid user ID or password")
        error = raises(grpc.RpcError, lambda: connect().get(prefix))
        equal(error.details(), "etcdserver: user name is empty")
        other = connect(user="u", password=LOGIN["password"])
        error = raises(grpc.RpcError, lambda: other.get("elsewhere"))
        equal((error.code(), error.details()), (grpc.StatusCode.PERMISSION_DENIED, "etcdserver: permission denied"))
        other.put(prefix + "a", "1")
        equal(client.get(prefix + "a")[0], b"1")


def call(number, body):
    client = connect(**LOGIN)
    body(client, f"{PREFIX}py/{number}/")
    client.close()


main(call)
