package main

import (
	"context"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

var errorCases = []testCase{
	{name: "errors: keys and requests", run: requestErrors},
	{name: "errors: txn", run: txnErrors},
	{name: "errors: revisions", run: revisionErrors},
	{name: "errors: leases", run: leaseErrors},
	{name: "errors: a request that is too large", run: tooLarge},
}

func requestErrors(ctx context.Context, e *env) error {
	var c checks
	_, err := e.Put(ctx, "", "x")
	c.isError("put of no key", err, rpctypes.ErrEmptyKey)
	_, err = e.Get(ctx, "")
	c.isError("get of no key", err, rpctypes.ErrEmptyKey)
	_, err = e.Delete(ctx, "")
	c.isError("delete of no key", err, rpctypes.ErrEmptyKey)
	_, err = e.Put(ctx, e.prefix+"none", "", clientv3.WithIgnoreValue())
	c.isError("ignore value", err, rpctypes.ErrKeyNotFound)
	_, err = e.Put(ctx, e.prefix+"none", "x", clientv3.WithIgnoreLease())
	c.isError("ignore lease", err, rpctypes.ErrKeyNotFound)
	_, err = e.Put(ctx, e.prefix+"a", "x", clientv3.WithIgnoreValue())
	c.isError("ignore value with a value", err, rpctypes.ErrValueProvided)
	_, err = e.Put(ctx, e.prefix+"a", "x", clientv3.WithIgnoreLease(), clientv3.WithLease(1234))
	c.isError("ignore lease with a lease", err, rpctypes.ErrLeaseProvided)
	return c.err()
}

func txnErrors(ctx context.Context, e *env) error {
	var c checks
	var ops []clientv3.Op
	for index := range 129 {
		ops = append(ops, clientv3.OpPut(fmt.Sprint(e.prefix, "many/", index), "x"))
	}
	_, err := e.Txn(ctx).Then(ops...).Commit()
	c.isError("129 requests", err, rpctypes.ErrTooManyOps)
	_, err = e.Txn(ctx).Then(ops[1:]...).Commit()
	c.isError("128 requests", err, nil)
	a := e.prefix + "a"
	_, err = e.Txn(ctx).Then(clientv3.OpPut(a, "1"), clientv3.OpPut(a, "2")).Commit()
	c.isError("the same key twice", err, rpctypes.ErrDuplicateKey)
	_, err = e.Txn(ctx).Then(clientv3.OpDelete(e.prefix, clientv3.WithPrefix()), clientv3.OpPut(a, "2")).Commit()
	c.isError("a put in a deleted range", err, rpctypes.ErrDuplicateKey)
	_, err = e.Txn(ctx).Then(clientv3.OpPut(a, "1"), clientv3.OpPut("", "2")).Commit()
	c.isError("no key", err, rpctypes.ErrEmptyKey)
	_, err = e.Txn(ctx).Then(clientv3.OpPut(a, "1"), clientv3.OpPut(a+"2", "2", clientv3.WithLease(1234))).Commit()
	c.isError("an unknown lease", err, rpctypes.ErrLeaseNotFound)
	got, err := e.Get(ctx, a)
	if err != nil {
		return err
	}
	c.equal("a failed txn leaves nothing behind", got.Count, int64(0))
	return c.err()
}

func revisionErrors(ctx context.Context, e *env) error {
	var c checks
	for range 3 {
		if _, err := e.Put(ctx, e.prefix+"a", "1"); err != nil {
			return err
		}
	}
	put, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	now := put.Header.Revision
	_, err = e.Get(ctx, e.prefix+"a", clientv3.WithRev(now+100_000))
	c.isError("get of the future", err, rpctypes.ErrFutureRev)
	_, err = e.Compact(ctx, now+100_000)
	c.isError("compaction of the future", err, rpctypes.ErrFutureRev)
	_, err = e.Compact(ctx, now)
	c.isError("compaction", err, nil)
	_, err = e.Compact(ctx, now)
	c.isError("compaction again", err, rpctypes.ErrCompacted)
	_, err = e.Get(ctx, e.prefix+"a", clientv3.WithRev(now-1))
	c.isError("get of the compacted", err, rpctypes.ErrCompacted)
	_, err = e.HashKV(ctx, e.endpoint, now-1)
	c.isError("hash of the compacted", err, rpctypes.ErrCompacted)
	_, err = e.HashKV(ctx, e.endpoint, now+100_000)
	c.isError("hash of the future", err, rpctypes.ErrFutureRev)
	stream, err := e.GetStream(ctx, e.prefix+"a", clientv3.WithRev(now-1))
	if err == nil {
		_, err = clientv3.GetStreamToGetResponse(stream)
	}
	c.isError("stream of the compacted", err, rpctypes.ErrCompacted)
	return c.err()
}

func leaseErrors(ctx context.Context, e *env) error {
	var c checks
	_, err := e.Put(ctx, e.prefix+"a", "1", clientv3.WithLease(1234))
	c.isError("put", err, rpctypes.ErrLeaseNotFound)
	_, err = e.Revoke(ctx, 1234)
	c.isError("revoke", err, rpctypes.ErrLeaseNotFound)
	_, err = e.KeepAliveOnce(ctx, 1234)
	c.isError("keep-alive", err, rpctypes.ErrLeaseNotFound)
	_, err = e.Grant(ctx, 9_000_000_001)
	c.isError("a TTL that is too large", err, rpctypes.ErrLeaseTTLTooLarge)
	return c.err()
}

func tooLarge(ctx context.Context, e *env) error {
	var c checks
	_, err := e.Put(ctx, e.prefix+"big", strings.Repeat("v", 1_600_000))
	c.isError("1.6 million bytes", err, rpctypes.ErrRequestTooLarge)
	_, err = e.Put(ctx, e.prefix+"big", strings.Repeat("v", 1_500_000))
	c.isError("1.5 million bytes", err, nil)
	_, err = e.Delete(ctx, e.prefix+"big")
	c.isError("the connection lives on", err, nil)
	return c.err()
}
