package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

var leaseCases = []testCase{
	{name: "lease: expiry deletes its keys and watchers see it", run: leaseExpiry, slow: true},
	{name: "lease: keep-alive outlives the TTL", run: keepAliveOutlives, slow: true},
	{name: "lease: a session that is orphaned ends by its TTL", run: orphanedSession, slow: true},
	{name: "lease: grant, TTL, list, revoke", run: leaseLife},
	{name: "lease: keep-alive once, and after the end", run: keepAliveOnce},
}

func leaseExpiry(ctx context.Context, e *env) error {
	var c checks
	lease, err := e.Grant(ctx, 2)
	if err != nil {
		return err
	}
	c.equal("TTL", lease.TTL, int64(2))
	if _, err := e.Put(ctx, e.prefix+"b", "1", clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	put, err := e.Put(ctx, e.prefix+"a", "1", clientv3.WithLease(lease.ID))
	if err != nil {
		return err
	}
	start := time.Now()
	events := e.Watch(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithRev(put.Header.Revision+1))
	response := <-events
	c.isTrue(fmt.Sprintf("expires after its TTL: %s", time.Since(start)), time.Since(start) > time.Second)
	c.equal("both in one response, in key order", len(response.Events), 2)
	for index, want := range []string{"a", "b"} {
		c.equal("event", fmt.Sprintf("%s %s", response.Events[index].Type, response.Events[index].Kv.Key), "DELETE "+e.prefix+want)
		c.equal("one revision", response.Events[index].Kv.ModRevision, response.Events[0].Kv.ModRevision)
	}
	ttl, err := e.TimeToLive(ctx, lease.ID)
	if err != nil {
		return err
	}
	c.equal("TTL of what is gone", ttl.TTL, int64(-1))
	return c.err()
}

func keepAliveOutlives(ctx context.Context, e *env) error {
	var c checks
	lease, err := e.Grant(ctx, 2)
	if err != nil {
		return err
	}
	if _, err := e.Put(ctx, e.prefix+"a", "1", clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	kept, stop := context.WithCancel(ctx)
	defer stop()
	alive, err := e.KeepAlive(kept, lease.ID)
	if err != nil {
		return err
	}
	// Seven renewals, one every two thirds of a second: twice the TTL.
	for range 7 {
		response, open := <-alive
		if !open {
			return fmt.Errorf("the keep-alive stream ended")
		}
		c.equal("TTL", response.TTL, int64(2))
	}
	got, err := e.Get(ctx, e.prefix+"a")
	if err != nil {
		return err
	}
	c.equal("the key lives", got.Count, int64(1))
	_, err = e.Revoke(ctx, lease.ID)
	c.isError("revoke", err, nil)
	for range alive {
		continue
	}
	return c.err()
}

func orphanedSession(ctx context.Context, e *env) error {
	var c checks
	session, err := concurrency.NewSession(e.Client, concurrency.WithTTL(2))
	if err != nil {
		return err
	}
	put, err := e.Put(ctx, e.prefix+"a", "1", clientv3.WithLease(session.Lease()))
	if err != nil {
		return err
	}
	session.Orphan()
	got, err := next(ctx, e.Watch(ctx, e.prefix+"a", clientv3.WithRev(put.Header.Revision+1)), e.prefix, 1)
	if err != nil {
		return err
	}
	c.equal("event", got[0], "DELETE a=")
	return c.err()
}

func leaseLife(ctx context.Context, e *env) error {
	var c checks
	lease, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	for _, key := range []string{"b", "a"} {
		if _, err := e.Put(ctx, e.prefix+key, "1", clientv3.WithLease(lease.ID)); err != nil {
			return err
		}
	}
	ttl, err := e.TimeToLive(ctx, lease.ID, clientv3.WithAttachedKeys())
	if err != nil {
		return err
	}
	c.equal("granted", ttl.GrantedTTL, int64(600))
	c.isTrue("time left", ttl.TTL > 590 && ttl.TTL <= 600)
	var keys []string
	for _, key := range ttl.Keys {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	c.equal("keys", keys, []string{e.prefix + "a", e.prefix + "b"})
	leases, err := e.Leases(ctx)
	if err != nil {
		return err
	}
	listed := slices.ContainsFunc(leases.Leases, func(l clientv3.LeaseStatus) bool { return l.ID == lease.ID })
	c.isTrue("listed", listed)
	before, err := e.Get(ctx, e.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	c.equal("the key names its lease", before.Kvs[0].Lease, int64(lease.ID))
	if _, err := e.Revoke(ctx, lease.ID); err != nil {
		return err
	}
	after, err := e.Get(ctx, e.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	c.equal("keys after revoke", after.Count, int64(0))
	short, err := e.Grant(ctx, 0)
	c.isTrue("a TTL of 0 is raised", err == nil && short.TTL >= 1)
	return c.err()
}

func keepAliveOnce(ctx context.Context, e *env) error {
	var c checks
	lease, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	kept, err := e.KeepAliveOnce(ctx, lease.ID)
	if err != nil {
		return err
	}
	c.equal("TTL", kept.TTL, int64(600))
	if _, err := e.Revoke(ctx, lease.ID); err != nil {
		return err
	}
	alive, err := e.KeepAlive(ctx, lease.ID)
	if err != nil {
		return err
	}
	_, open := <-alive
	c.isTrue("the keep-alive of a missing lease ends", !open)
	return c.err()
}
