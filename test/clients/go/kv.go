package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

var kvCases = []testCase{
	{name: "kv: put, get, delete with their options", run: putGetDelete},
	{name: "kv: ranges, sorts, limits, filters", run: ranges},
	{name: "kv: reads of the past", run: pastReads},
	{name: "kv: GetStream", run: getStream},
	{name: "kv: txn with every compare", run: txnCompares},
	{name: "kv: nested txn, Do", run: nestedTxn},
	{name: "kv: compact, with and without physical", run: compact},
	{name: "kv: a value of 1 MiB", run: largeValue},
	{name: "kv: 1,000 puts on 50 goroutines", run: concurrentPuts},
	{name: "kv: 100 increments by compare-and-swap on 10 goroutines", run: compareAndSwap},
}

func putGetDelete(ctx context.Context, e *env) error {
	var c checks
	key := e.prefix + "a"
	first, err := e.Put(ctx, key, "1")
	if err != nil {
		return err
	}
	c.isTrue("a put without WithPrevKV has no previous one", first.PrevKv == nil)
	second, err := e.Put(ctx, key, "2", clientv3.WithPrevKV())
	if err != nil {
		return err
	}
	c.equal("prev value", string(second.PrevKv.Value), "1")
	c.equal("revisions follow", second.Header.Revision, first.Header.Revision+1)
	got, err := e.Get(ctx, key)
	if err != nil {
		return err
	}
	c.equal("count", got.Count, int64(1))
	c.equal("kv", describe(got.Kvs), fmt.Sprintf("%s=2 create %d mod %d version 2", key, first.Header.Revision, second.Header.Revision))
	if _, err := e.Put(ctx, key, "", clientv3.WithIgnoreValue()); err != nil {
		return err
	}
	got, err = e.Get(ctx, key, clientv3.WithSerializable())
	if err != nil {
		return err
	}
	c.equal("value kept", string(got.Kvs[0].Value), "2")
	c.equal("version", got.Kvs[0].Version, int64(3))
	deleted, err := e.Delete(ctx, key, clientv3.WithPrevKV())
	if err != nil {
		return err
	}
	c.equal("deleted", deleted.Deleted, int64(1))
	c.equal("deleted value", string(deleted.PrevKvs[0].Value), "2")
	again, err := e.Delete(ctx, key)
	if err != nil {
		return err
	}
	c.equal("deleted again", again.Deleted, int64(0))
	c.equal("nothing deleted, no revision", again.Header.Revision, deleted.Header.Revision)
	return c.err()
}

func ranges(ctx context.Context, e *env) error {
	var c checks
	revs := map[string]int64{}
	for _, kv := range []string{"c=3", "a=9", "b=5", "d=1", "a=8"} {
		key, value, _ := strings.Cut(kv, "=")
		put, err := e.Put(ctx, e.prefix+key, value)
		if err != nil {
			return err
		}
		revs[kv] = put.Header.Revision
	}
	for _, want := range []struct {
		keys  string
		count int64
		more  bool
		opts  []clientv3.OpOption
	}{
		{"abcd", 4, false, nil},
		{"ab", 4, true, []clientv3.OpOption{clientv3.WithLimit(2)}},
		{"abcd", 4, false, []clientv3.OpOption{clientv3.WithLimit(4)}},
		{"dcba", 4, false, []clientv3.OpOption{clientv3.WithSort(clientv3.SortByKey, clientv3.SortDescend)}},
		{"dcba", 4, false, []clientv3.OpOption{clientv3.WithSort(clientv3.SortByValue, clientv3.SortAscend)}},
		{"cabd", 4, false, []clientv3.OpOption{clientv3.WithSort(clientv3.SortByCreateRevision, clientv3.SortAscend)}},
		{"ad", 4, true, []clientv3.OpOption{clientv3.WithSort(clientv3.SortByModRevision, clientv3.SortDescend), clientv3.WithLimit(2)}},
		{"a", 4, true, []clientv3.OpOption{clientv3.WithSort(clientv3.SortByVersion, clientv3.SortDescend), clientv3.WithLimit(1)}},
		{"c", 4, true, clientv3.WithFirstCreate()},
		{"d", 4, true, clientv3.WithLastCreate()},
		{"a", 4, true, clientv3.WithFirstKey()},
		{"d", 4, true, clientv3.WithLastKey()},
		{"c", 4, true, clientv3.WithFirstRev()},
		{"a", 4, true, clientv3.WithLastRev()},
		{"abd", 4, false, []clientv3.OpOption{clientv3.WithMinModRev(revs["b=5"])}},
		{"bc", 4, false, []clientv3.OpOption{clientv3.WithMaxModRev(revs["b=5"])}},
		{"bd", 4, false, []clientv3.OpOption{clientv3.WithMinCreateRev(revs["b=5"])}},
		{"ac", 4, false, []clientv3.OpOption{clientv3.WithMaxCreateRev(revs["a=9"])}},
		{"", 4, false, []clientv3.OpOption{clientv3.WithCountOnly()}},
		{"bc", 2, false, []clientv3.OpOption{clientv3.WithRange(e.prefix + "d")}},
	} {
		key := e.prefix
		if want.count == 2 {
			key += "b"
		}
		opts := append([]clientv3.OpOption{clientv3.WithPrefix()}, want.opts...)
		if want.count == 2 {
			opts = want.opts
		}
		got, err := e.Get(ctx, key, opts...)
		if err != nil {
			return err
		}
		keys := ""
		for _, kv := range got.Kvs {
			keys += strings.TrimPrefix(string(kv.Key), e.prefix)
		}
		c.equal("keys, count, more", fmt.Sprint(keys, got.Count, got.More), fmt.Sprint(want.keys, want.count, want.more))
	}
	keysOnly, err := e.Get(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		return err
	}
	c.equal("keys only", len(keysOnly.Kvs), 4)
	c.equal("no value", len(keysOnly.Kvs[0].Value), 0)
	return c.err()
}

func pastReads(ctx context.Context, e *env) error {
	var c checks
	key := e.prefix + "a"
	first, err := e.Put(ctx, key, "1")
	if err != nil {
		return err
	}
	if _, err := e.Put(ctx, key, "2"); err != nil {
		return err
	}
	deleted, err := e.Delete(ctx, key)
	if err != nil {
		return err
	}
	reborn, err := e.Put(ctx, key, "3")
	if err != nil {
		return err
	}
	for rev, want := range map[int64]string{
		first.Header.Revision - 1: "",
		first.Header.Revision:     "1",
		first.Header.Revision + 1: "2",
		deleted.Header.Revision:   "",
		reborn.Header.Revision:    "3",
	} {
		got, err := e.Get(ctx, key, clientv3.WithRev(rev))
		if err != nil {
			return err
		}
		value := ""
		if len(got.Kvs) > 0 {
			value = string(got.Kvs[0].Value)
		}
		c.equal(fmt.Sprintf("value at %d", rev), value, want)
		c.equal("the header has the revision now", got.Header.Revision, reborn.Header.Revision)
	}
	now, err := e.Get(ctx, key)
	if err != nil {
		return err
	}
	c.equal("a new life", describe(now.Kvs), fmt.Sprintf("%s=3 create %d mod %d version 1", key, reborn.Header.Revision, reborn.Header.Revision))
	return c.err()
}

func getStream(ctx context.Context, e *env) error {
	var c checks
	const keys = 25
	value := strings.Repeat("v", 150_000)
	for index := range keys {
		if _, err := e.Put(ctx, fmt.Sprintf("%s%02d", e.prefix, index), value); err != nil {
			return err
		}
	}
	chunks, err := e.GetStream(ctx, e.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	var sizes []int
	headers := 0
	var kvs []*mvccpb.KeyValue
	for chunk := range chunks {
		if err := chunk.Err(); err != nil {
			return err
		}
		sizes = append(sizes, len(chunk.Kvs))
		if chunk.Header != nil {
			headers++
			c.equal("count", chunk.Count, int64(keys))
		}
		kvs = append(kvs, chunk.Kvs...)
	}
	// A chunk starts at ten keys, and ten of these are near the size at which it stays so.
	c.equal("keys of each chunk", sizes, []int{10, 10, 5})
	c.equal("one header", headers, 1)
	for index, kv := range kvs {
		c.equal("key", string(kv.Key), fmt.Sprintf("%s%02d", e.prefix, index))
		c.isTrue("the value", string(kv.Value) == value)
	}
	return c.err()
}

func txnCompares(ctx context.Context, e *env) error {
	var c checks
	a, none := e.prefix+"a", e.prefix+"none"
	lease, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	put, err := e.Put(ctx, a, "5", clientv3.WithLease(lease.ID))
	if err != nil {
		return err
	}
	rev := put.Header.Revision
	for _, want := range []struct {
		cmp       clientv3.Cmp
		succeeded bool
	}{
		{clientv3.Compare(clientv3.Value(a), "=", "5"), true},
		{clientv3.Compare(clientv3.Value(a), ">", "5"), false},
		{clientv3.Compare(clientv3.Value(a), "<", "6"), true},
		{clientv3.Compare(clientv3.Value(a), "!=", "5"), false},
		{clientv3.Compare(clientv3.Value(none), "!=", "5"), false},
		{clientv3.Compare(clientv3.Version(a), "=", 1), true},
		{clientv3.Compare(clientv3.Version(none), "=", 0), true},
		{clientv3.Compare(clientv3.CreateRevision(a), "=", rev), true},
		{clientv3.Compare(clientv3.CreateRevision(none), ">", 0), false},
		{clientv3.Compare(clientv3.ModRevision(a), "<", rev), false},
		{clientv3.Compare(clientv3.LeaseValue(a), "=", lease.ID), true},
		{clientv3.Compare(clientv3.LeaseValue(none), "=", 0), true},
		{clientv3.Compare(clientv3.Version(e.prefix), ">", 0).WithPrefix(), true},
		{clientv3.Compare(clientv3.Version(e.prefix), ">", 1).WithPrefix(), false},
	} {
		got, err := e.Txn(ctx).If(want.cmp).Then(clientv3.OpGet(a)).Else(clientv3.OpGet(none)).Commit()
		if err != nil {
			return err
		}
		c.equal(fmt.Sprint("succeeded: ", want.cmp), got.Succeeded, want.succeeded)
		c.equal("its branch", len(got.Responses[0].GetResponseRange().Kvs) == 1, want.succeeded)
	}
	_, err = e.Revoke(ctx, lease.ID)
	c.isError("revoke", err, nil)
	return c.err()
}

func nestedTxn(ctx context.Context, e *env) error {
	var c checks
	a, b := e.prefix+"a", e.prefix+"b"
	inner := clientv3.OpTxn(
		[]clientv3.Cmp{clientv3.Compare(clientv3.Version(a), "=", 0)},
		[]clientv3.Op{clientv3.OpPut(b, "inner"), clientv3.OpGet(a)},
		nil,
	)
	got, err := e.Txn(ctx).Then(clientv3.OpPut(a, "outer"), inner, clientv3.OpGet(e.prefix, clientv3.WithPrefix())).Commit()
	if err != nil {
		return err
	}
	nested := got.Responses[1].GetResponseTxn()
	c.isTrue("compares see the state before", nested.Succeeded)
	c.equal("later requests see earlier ones", len(nested.Responses[1].GetResponseRange().Kvs), 1)
	all := got.Responses[2].GetResponseRange()
	c.equal("both put", len(all.Kvs), 2)
	c.equal("one revision", all.Kvs[0].ModRevision, all.Kvs[1].ModRevision)
	done, err := e.Do(ctx, clientv3.OpDelete(e.prefix, clientv3.WithPrefix()))
	if err != nil {
		return err
	}
	c.equal("Do deletes", done.Del().Deleted, int64(2))
	return c.err()
}

func compact(ctx context.Context, e *env) error {
	var c checks
	for _, value := range []string{"1", "2", "3"} {
		if _, err := e.Put(ctx, e.prefix+"a", value); err != nil {
			return err
		}
	}
	last, err := e.Put(ctx, e.prefix+"a", "4")
	if err != nil {
		return err
	}
	if _, err := e.Compact(ctx, last.Header.Revision-2); err != nil {
		return err
	}
	at, err := e.Get(ctx, e.prefix+"a", clientv3.WithRev(last.Header.Revision-2))
	if err != nil {
		return err
	}
	c.equal("the compacted revision itself is readable", string(at.Kvs[0].Value), "2")
	_, err = e.Compact(ctx, last.Header.Revision, clientv3.WithCompactPhysical())
	c.isError("physical", err, nil)
	return c.err()
}

func largeValue(ctx context.Context, e *env) error {
	var c checks
	value := strings.Repeat("0123456789abcdef", 1<<16)
	if _, err := e.Put(ctx, e.prefix+"big", value); err != nil {
		return err
	}
	got, err := e.Get(ctx, e.prefix+"big")
	if err != nil {
		return err
	}
	c.isTrue("the value comes back whole", string(got.Kvs[0].Value) == value)
	return c.err()
}

func concurrentPuts(ctx context.Context, e *env) error {
	var c checks
	const goroutines, each = 50, 20
	revs := make(chan int64, goroutines*each)
	errs := make(chan error, goroutines*each)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for index := range each {
				put, err := e.Put(ctx, fmt.Sprintf("%s%d/%d", e.prefix, g, index), "x")
				if err != nil {
					errs <- err
					return
				}
				revs <- put.Header.Revision
			}
		})
	}
	wg.Wait()
	close(revs)
	select {
	case err := <-errs:
		return err
	default:
	}
	seen := map[int64]bool{}
	for rev := range revs {
		seen[rev] = true
	}
	c.equal("each put has a revision of its own", len(seen), goroutines*each)
	count, err := e.Get(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		return err
	}
	c.equal("keys", count.Count, int64(goroutines*each))
	return c.err()
}

func compareAndSwap(ctx context.Context, e *env) error {
	var c checks
	key := e.prefix + "counter"
	if _, err := e.Put(ctx, key, ""); err != nil {
		return err
	}
	errs := make(chan error, 10)
	for range 10 {
		go func() { errs <- increment(ctx, e, key, 10) }()
	}
	for range 10 {
		if err := <-errs; err != nil {
			return err
		}
	}
	got, err := e.Get(ctx, key)
	if err != nil {
		return err
	}
	c.equal("increments", len(got.Kvs[0].Value), 100)
	c.equal("version", got.Kvs[0].Version, int64(101))
	return c.err()
}

// increment makes the value one character longer, so many times, beside others who do the same.
func increment(ctx context.Context, e *env, key string, times int) error {
	for times > 0 {
		got, err := e.Get(ctx, key)
		if err != nil {
			return err
		}
		kv := got.Kvs[0]
		put := clientv3.OpPut(key, string(kv.Value)+"x")
		done, err := e.Txn(ctx).If(clientv3.Compare(clientv3.ModRevision(key), "=", kv.ModRevision)).Then(put).Commit()
		if err != nil {
			return err
		}
		if done.Succeeded {
			times--
		}
	}
	return nil
}

func describe(kvs []*mvccpb.KeyValue) string {
	parts := make([]string, len(kvs))
	for i, kv := range kvs {
		parts[i] = fmt.Sprintf("%s=%s create %d mod %d version %d", kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version)
	}
	return strings.Join(parts, ", ")
}
