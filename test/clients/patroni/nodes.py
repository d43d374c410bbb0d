"""Patroni's etcd3 module, driven as two database nodes drive it: who leads, and who takes over.

    python3 nodes.py http://127.0.0.1:2379 PREFIX [USER PASSWORD]

Patroni is the largest user of etcd's JSON gateway: every call and the watch behind each node's cache go through it.
"""
import logging
import sys
import time
from urllib.parse import urlparse

from patroni.dcs import get_dcs

from cases import case, equal, main, until

URL, PREFIX = urlparse(sys.argv[1]), sys.argv[2]
LOGIN = dict(zip(("username", "password"), sys.argv[3:]))
# This Patroni asks for the members before it signs in, which etcd 3.7 refuses; behind a proxy it does not ask.
ETCD3 = {"hosts": f"{URL.hostname}:{URL.port}", "use_proxies": bool(LOGIN), **LOGIN}
# The shortest that leaves Patroni time between two rounds; etcd itself grants no less than 2 s.
TTL_SECONDS = 3
ROUND_SECONDS = 0.5
# Its TTL, and what a server may take to notice and a watch to tell.
FAILOVER_SECONDS = TTL_SECONDS + 4

# Its complaints belong to the outcome of a case, not between the lines.
logging.disable(logging.CRITICAL)


def node(scope, name):
    """A node with a lease of its own, a watch on all of the scope, and no database behind it."""
    timing = {"ttl": TTL_SECONDS, "loop_wait": 1, "retry_timeout": 5}
    return get_dcs({"etcd3": ETCD3, "scope": scope, "namespace": PREFIX, "name": name, **timing})


def data(name):
    return {"conn_url": f"postgres://{name}:5432/postgres", "state": "running", "role": "replica"}


def acquires(dcs):
    return bool(dcs.attempt_to_acquire_leader())


def leader(dcs):
    return dcs.get_cluster().leader_name


def names(dcs):
    return sorted(member.name for member in dcs.get_cluster().members)


@case("bootstrap: one of two initializes, both are members")
def bootstrap(scope):
    a, b = node(scope, "a"), node(scope, "b")
    equal(a.get_cluster().initialize, None, "nothing there yet")
    equal(bool(a.initialize(create_new=True)), True)
    equal(bool(b.initialize(create_new=True)), False, "already initialized")
    equal(bool(a.initialize(create_new=False, sysid="6900000000000000001")), True)
    equal(bool(a.touch_member(data("a"))), True)
    equal(bool(b.touch_member(data("b"))), True)
    for dcs in (a, b):
        until("both are seen", lambda: names(dcs) == ["a", "b"])
        until("the system id", lambda: dcs.get_cluster().initialize == "6900000000000000001")
    equal(bool(a.touch_member(data("a"))), True, "again, with nothing changed")
    equal(a.get_cluster().get_member("b").data["state"], "running")


@case("one leads; a released leadership goes over at once, and who waits is woken")
def switchover(scope):
    a, b = node(scope, "a"), node(scope, "b")
    for dcs in (a, b):
        dcs.touch_member(data(dcs._name))
    equal(acquires(a), True)
    equal(acquires(b), False)
    until("b knows", lambda: leader(b) == "a")
    until("a knows", lambda: leader(a) == "a")
    equal(a.update_leader(1234, {"slot": 5}), True)
    until("b knows how far a is", lambda: b.get_cluster().last_lsn == 1234)
    equal(b.get_cluster().slots, {"slot": 5})
    b.event.clear()
    a.delete_leader(5678)
    equal(b.watch(None, 5), True, "woken by its watch")
    until("nobody leads", lambda: b.get_cluster().is_unlocked())
    equal(acquires(b), True)
    until("a knows", lambda: leader(a) == "b")
    equal(acquires(a), False)


@case("who keeps its lease leads beyond the TTL; who stops loses it, and the other takes over")
def failover(scope):
    a, b = node(scope, "a"), node(scope, "b")
    equal(acquires(a), True)
    end = time.monotonic() + TTL_SECONDS + 1
    while time.monotonic() < end:
        equal(a.update_leader(1), True, "kept")
        b.touch_member(data("b"))
        equal(acquires(b), False, "while a lives")
        time.sleep(ROUND_SECONDS)
    equal(leader(b), "a")
    # From here on a is silent: a process that hangs.
    died = time.monotonic()
    while not acquires(b):
        if time.monotonic() - died > FAILOVER_SECONDS:
            raise AssertionError(f"no failover within {FAILOVER_SECONDS} s")
        b.touch_member(data("b"))
        time.sleep(ROUND_SECONDS / 5)
    equal(time.monotonic() - died > TTL_SECONDS - 1.5, True, "not before the lease ended")
    until("the cache of b follows", lambda: leader(b) == "b")
    # a comes to life again: it sees that it leads no more, joins with a new lease, and cannot lead.
    until("the cache of a follows", lambda: leader(a) == "b")
    equal(bool(a.touch_member(data("a"))), True, "a new lease")
    equal(acquires(a), False)
    until("both are members", lambda: names(b) == ["a", "b"])


@case("configuration, history, synchronous state, failover request: compared with what was read")
def state(scope):
    a, b = node(scope, "a"), node(scope, "b")
    equal(bool(a.set_config_value('{"ttl": 30}')), True)
    config = until("b reads it", lambda: b.get_cluster().config)
    equal(config.data, {"ttl": 30})
    equal(bool(b.set_config_value('{"ttl": 20}', config.index)), True)
    equal(bool(a.set_config_value('{"ttl": 10}', config.index)), False, "changed in between")
    until("a reads it", lambda: a.get_cluster().config.data == {"ttl": 20})
    equal(bool(a.set_history_value('[[1,67197376,"no recovery target specified"]]')), True)
    until("history", lambda: b.get_cluster().history and len(b.get_cluster().history.lines) == 1)
    equal(bool(a.write_sync_state("a", "b", index=0)), True)
    sync = until("sync", lambda: b.get_cluster().sync.leader and b.get_cluster().sync)
    equal((sync.leader, sync.members), ("a", ["b"]))
    equal(bool(b.delete_sync_state(index=sync.index)), True)
    equal(bool(b.delete_sync_state(index=sync.index)), False, "gone already")
    equal(bool(a.manual_failover("a", "b")), True)
    failover = until("a failover is asked for", lambda: b.get_cluster().failover)
    equal((failover.leader, failover.candidate), ("a", "b"))
    equal(bool(b.manual_failover("", "", index=failover.index)), True)
    until("and done", lambda: not a.get_cluster().failover)


@case("the whole cluster is deleted")
def delete(scope):
    a = node(scope, "a")
    a.initialize(sysid="1")
    a.touch_member(data("a"))
    a.attempt_to_acquire_leader()
    until("something is there", lambda: leader(a) == "a")
    equal(bool(a.delete_cluster()), True)
    until("the watch tells of each key", lambda: not a.get_cluster().members and a.get_cluster().is_unlocked())
    equal(a.get_cluster().initialize, None)


if LOGIN:

    @case("a lost token: it signs in again")
    def lost_token(scope):
        a = node(scope, "a")
        equal(acquires(a), True)
        # A changed password ends the user's tokens; this node has one.
        a._client.call_rpc("/auth/user/changepw", {"name": LOGIN["username"], "password": LOGIN["password"]})
        # Its keep-alives do not notice what its reads and writes do.
        equal(bool(a.set_config_value("{}")), True)
        equal(a.update_leader(1), True)
        equal(bool(a.touch_member(data("a"))), True)
        until("its watch is back", lambda: names(a) == ["a"])


def call(number, body):
    body(f"scope{number}")


main(call)
