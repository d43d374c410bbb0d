package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

var watchCases = []testCase{
	{name: "watch: from a revision, prefix, prev_kv, filters", run: watchHistory},
	{name: "watch: live events, created notice", run: watchLive},
	{name: "watch: many on one stream, one closed", run: watchMany},
	{name: "watch: progress on request", run: watchProgress},
	{name: "watch: a compacted revision", run: watchCompacted},
	{name: "watch: a context that ends", run: watchCanceled},
	{name: "watch: a large revision, in fragments", run: watchFragments},
	{name: "watch: an empty range", run: watchEmptyRange},
}

// next reads events until there are so many, as "PUT key=value" and, with a previous one, " (was value)".
func next(ctx context.Context, events clientv3.WatchChan, prefix string, count int) ([]string, error) {
	var seen []string
	for len(seen) < count {
		select {
		case response, open := <-events:
			if !open {
				return seen, fmt.Errorf("the watch ended after %v", seen)
			}
			if err := response.Err(); err != nil {
				return seen, err
			}
			for _, ev := range response.Events {
				text := fmt.Sprintf("%s %s=%s", ev.Type, strings.TrimPrefix(string(ev.Kv.Key), prefix), ev.Kv.Value)
				if ev.PrevKv != nil {
					text += fmt.Sprintf(" (was %s)", ev.PrevKv.Value)
				}
				seen = append(seen, text)
			}
		case <-ctx.Done():
			return seen, fmt.Errorf("no more events after %v", seen)
		}
	}
	return seen, nil
}

func watchHistory(ctx context.Context, e *env) error {
	var c checks
	first, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	_, err = e.Txn(ctx).Then(clientv3.OpPut(e.prefix+"a", "2"), clientv3.OpPut(e.prefix+"b", "1")).Commit()
	c.isError("txn", err, nil)
	_, err = e.Delete(ctx, e.prefix, clientv3.WithPrefix())
	c.isError("delete", err, nil)
	rev := first.Header.Revision
	for _, want := range []struct {
		key    string
		events string
		opts   []clientv3.OpOption
	}{
		{"a", "PUT a=1, PUT a=2, DELETE a=", []clientv3.OpOption{clientv3.WithRev(rev)}},
		{"a", "PUT a=2, DELETE a=", []clientv3.OpOption{clientv3.WithRev(rev + 1)}},
		{"", "PUT a=1, PUT a=2, PUT b=1, DELETE a=, DELETE b=", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithRev(rev)}},
		{"", "PUT a=1, PUT a=2 (was 1), PUT b=1, DELETE a= (was 2), DELETE b= (was 1)", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithRev(rev), clientv3.WithPrevKV()}},
		{"", "DELETE a=, DELETE b=", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithRev(rev), clientv3.WithFilterPut()}},
		{"", "PUT a=1, PUT a=2, PUT b=1", []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithRev(rev), clientv3.WithFilterDelete()}},
		{"b", "PUT b=1, DELETE b=", []clientv3.OpOption{clientv3.WithRange(e.prefix + "c"), clientv3.WithRev(rev)}},
	} {
		watchCtx, cancel := context.WithCancel(ctx)
		events := e.Watch(watchCtx, e.prefix+want.key, want.opts...)
		got, err := next(ctx, events, e.prefix, strings.Count(want.events, ",")+1)
		cancel()
		if err != nil {
			return err
		}
		c.equal("events", strings.Join(got, ", "), want.events)
	}
	return c.err()
}

func watchLive(ctx context.Context, e *env) error {
	var c checks
	events := e.Watch(clientv3.WithRequireLeader(ctx), e.prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	created := <-events
	c.isTrue("the first response says created", created.Created)
	for index := range 20 {
		if _, err := e.Put(ctx, e.prefix+"a", fmt.Sprint(index)); err != nil {
			return err
		}
	}
	got, err := next(ctx, events, e.prefix, 20)
	if err != nil {
		return err
	}
	for index, text := range got {
		c.equal("event", text, fmt.Sprintf("PUT a=%d", index))
	}
	return c.err()
}

func watchMany(ctx context.Context, e *env) error {
	var c checks
	const count = 100
	var watches []clientv3.WatchChan
	var cancels []context.CancelFunc
	for index := range count {
		watchCtx, cancel := context.WithCancel(ctx)
		defer cancel()
		cancels = append(cancels, cancel)
		watch := e.Watch(watchCtx, fmt.Sprint(e.prefix, index), clientv3.WithCreatedNotify())
		created := <-watch
		c.isTrue("created", created.Created)
		watches = append(watches, watch)
	}
	cancels[0]()
	for range watches[0] {
		continue
	}
	for index := range count {
		if _, err := e.Put(ctx, fmt.Sprint(e.prefix, index), "x"); err != nil {
			return err
		}
	}
	for index := 1; index < count; index++ {
		got, err := next(ctx, watches[index], e.prefix, 1)
		if err != nil {
			return err
		}
		c.equal("its own event", got[0], fmt.Sprintf("PUT %d=x", index))
	}
	return c.err()
}

func watchProgress(ctx context.Context, e *env) error {
	var c checks
	put, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	watchCtx := clientv3.WithRequireLeader(ctx)
	events := e.Watch(watchCtx, e.prefix+"b", clientv3.WithCreatedNotify())
	<-events
	if err := e.RequestProgress(watchCtx); err != nil {
		return err
	}
	select {
	case response := <-events:
		c.isTrue("a progress notice", response.IsProgressNotify())
		c.isTrue("its revision", response.Header.Revision >= put.Header.Revision)
	case <-ctx.Done():
		return errors.New("no progress notice")
	}
	return c.err()
}

func watchCompacted(ctx context.Context, e *env) error {
	var c checks
	first, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	last, err := e.Put(ctx, e.prefix+"a", "2")
	if err != nil {
		return err
	}
	if _, err := e.Compact(ctx, last.Header.Revision); err != nil {
		return err
	}
	response := <-e.Watch(ctx, e.prefix+"a", clientv3.WithRev(first.Header.Revision))
	c.isTrue("canceled", response.Canceled)
	c.isError("its error", response.Err(), rpctypes.ErrCompacted)
	c.equal("compact revision", response.CompactRevision, last.Header.Revision)
	return c.err()
}

func watchCanceled(ctx context.Context, e *env) error {
	var c checks
	watchCtx, cancel := context.WithCancel(ctx)
	events := e.Watch(watchCtx, e.prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	<-events
	cancel()
	for response := range events {
		c.isError("nothing but the end", response.Err(), nil)
	}
	// The stream went with its last watch: a new watch opens another.
	rev, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	got, err := next(ctx, e.Watch(ctx, e.prefix+"a", clientv3.WithRev(rev.Header.Revision)), e.prefix, 1)
	if err != nil {
		return err
	}
	c.equal("event", got[0], "PUT a=1")
	c.isError("close", e.Watcher.Close(), nil)
	return c.err()
}

func watchFragments(ctx context.Context, e *env) error {
	var c checks
	value := strings.Repeat("v", 500_000)
	var ops []clientv3.Op
	var revs []int64
	for index := range 5 {
		put, err := e.Put(ctx, fmt.Sprint(e.prefix, index), value)
		if err != nil {
			return err
		}
		revs = append(revs, put.Header.Revision)
		ops = append(ops, clientv3.OpDelete(fmt.Sprint(e.prefix, index)))
	}
	deleted, err := e.Txn(ctx).Then(ops...).Commit()
	if err != nil {
		return err
	}
	options := []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithFragment()}
	for _, rev := range []int64{revs[0], deleted.Header.Revision} {
		watchCtx, cancel := context.WithCancel(ctx)
		events := e.Watch(watchCtx, e.prefix, append(options, clientv3.WithRev(rev))...)
		count := 5
		if rev == revs[0] {
			count = 10
		}
		got, err := next(ctx, events, e.prefix, count)
		cancel()
		if err != nil {
			return err
		}
		c.equal("events", len(got), count)
		c.isTrue("the last one has its previous value", strings.HasSuffix(got[count-1], "(was "+value+")"))
	}
	return c.err()
}

func watchEmptyRange(ctx context.Context, e *env) error {
	var c checks
	response := <-e.Watch(ctx, e.prefix+"b", clientv3.WithRange(e.prefix+"a"))
	c.isTrue("canceled", response.Canceled)
	c.equal("reason", fmt.Sprint(response.Err()), "mvcc: watcher range is empty")
	return c.err()
}
