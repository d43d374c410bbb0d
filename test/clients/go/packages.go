package main

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"
	"go.etcd.io/etcd/client/v3/leasing"
	"go.etcd.io/etcd/client/v3/mirror"
	"go.etcd.io/etcd/client/v3/namespace"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
	"go.etcd.io/etcd/client/v3/ordering"
	"go.uber.org/zap"
)

var packageCases = []testCase{
	{name: "packages: namespace", run: namespaced},
	{name: "packages: ordering", run: ordered},
	{name: "packages: leasing", run: leased},
	{name: "packages: mirror", run: mirrored},
	{name: "packages: naming", run: named},
	{name: "packages: kubernetes, optimistic writes", run: kubeWrites},
	{name: "packages: kubernetes, lists by page", run: kubeLists},
}

func namespaced(ctx context.Context, e *env) error {
	var c checks
	kv := namespace.NewKV(e.KV, e.prefix)
	watcher := namespace.NewWatcher(e.Watcher, e.prefix)
	put, err := kv.Put(ctx, "a", "1")
	if err != nil {
		return err
	}
	got, err := kv.Get(ctx, "", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	c.equal("inside", describe(got.Kvs), fmt.Sprintf("a=1 create %d mod %d version 1", put.Header.Revision, put.Header.Revision))
	outside, err := e.Get(ctx, e.prefix+"a")
	if err != nil {
		return err
	}
	c.equal("outside", outside.Count, int64(1))
	events, err := next(ctx, watcher.Watch(ctx, "a", clientv3.WithRev(put.Header.Revision)), "", 1)
	if err != nil {
		return err
	}
	c.equal("event", events[0], "PUT a=1")
	txn, err := kv.Txn(ctx).If(clientv3.Compare(clientv3.Version("a"), "=", 1)).Then(clientv3.OpDelete("a", clientv3.WithPrevKV())).Commit()
	if err != nil {
		return err
	}
	c.equal("deleted", string(txn.Responses[0].GetResponseDeleteRange().PrevKvs[0].Key), "a")
	return c.err()
}

func ordered(ctx context.Context, e *env) error {
	var c checks
	violated := false
	kv := ordering.NewKV(e.KV, func(clientv3.Op, clientv3.OpResponse, int64) error {
		violated = true
		return nil
	})
	for range 20 {
		if _, err := e.Put(ctx, e.prefix+"a", "1"); err != nil {
			return err
		}
		if _, err := kv.Get(ctx, e.prefix+"a"); err != nil {
			return err
		}
		if _, err := kv.Get(ctx, e.prefix+"a", clientv3.WithSerializable()); err != nil {
			return err
		}
	}
	c.isTrue("a revision never goes back", !violated)
	return c.err()
}

func leased(ctx context.Context, e *env) error {
	var c checks
	kv, closeKV, err := leasing.NewKV(e.Client, e.prefix+"leases/")
	if err != nil {
		return err
	}
	defer closeKV()
	key := e.prefix + "a"
	if _, err := kv.Put(ctx, key, "1"); err != nil {
		return err
	}
	for range 3 {
		got, err := kv.Get(ctx, key)
		if err != nil {
			return err
		}
		c.equal("cached", string(got.Kvs[0].Value), "1")
	}
	other, closeOther, err := leasing.NewKV(e.Client, e.prefix+"leases/")
	if err != nil {
		return err
	}
	defer closeOther()
	if _, err := other.Put(ctx, key, "2"); err != nil {
		return err
	}
	got, err := kv.Get(ctx, key)
	if err != nil {
		return err
	}
	c.equal("revoked and read again", string(got.Kvs[0].Value), "2")
	return c.err()
}

func mirrored(ctx context.Context, e *env) error {
	var c checks
	for index := range 5 {
		if _, err := e.Put(ctx, fmt.Sprint(e.prefix, index), "x"); err != nil {
			return err
		}
	}
	syncer := mirror.NewSyncer(e.Client, e.prefix, 0)
	base, errs := syncer.SyncBase(ctx)
	keys := 0
	for response := range base {
		keys += len(response.Kvs)
	}
	c.isError("base", <-errs, nil)
	c.equal("keys", keys, 5)
	updates := syncer.SyncUpdates(ctx)
	if _, err := e.Put(ctx, e.prefix+"new", "y"); err != nil {
		return err
	}
	got, err := next(ctx, updates, e.prefix, 1)
	if err != nil {
		return err
	}
	c.equal("update", got[0], "PUT new=y")
	return c.err()
}

func named(ctx context.Context, e *env) error {
	var c checks
	manager, err := endpoints.NewManager(e.Client, e.prefix+"service")
	if err != nil {
		return err
	}
	if err := manager.AddEndpoint(ctx, e.prefix+"service/1", endpoints.Endpoint{Addr: "10.0.0.1:80"}); err != nil {
		return err
	}
	updates, err := manager.NewWatchChannel(ctx)
	if err != nil {
		return err
	}
	first := <-updates
	c.equal("known", first[0].Endpoint.Addr, "10.0.0.1:80")
	if err := manager.AddEndpoint(ctx, e.prefix+"service/2", endpoints.Endpoint{Addr: "10.0.0.2:80"}); err != nil {
		return err
	}
	second := <-updates
	c.equal("added", second[0].Endpoint.Addr, "10.0.0.2:80")
	if err := manager.DeleteEndpoint(ctx, e.prefix+"service/1"); err != nil {
		return err
	}
	third := <-updates
	c.equal("removed", third[0].Key, e.prefix+"service/1")
	list, err := manager.List(ctx)
	if err != nil {
		return err
	}
	c.equal("listed", len(list), 1)
	return c.err()
}

func kubeClient(e *env) (*kubernetes.Client, error) {
	return kubernetes.New(clientv3.Config{Endpoints: []string{e.endpoint}, Logger: zap.NewNop()})
}

// kubeWrites does what a kube-apiserver does to an object: it writes only what nobody else has changed.
func kubeWrites(ctx context.Context, e *env) error {
	var c checks
	client, err := kubeClient(e)
	if err != nil {
		return err
	}
	defer client.Close()
	k := client.Kubernetes
	key := e.prefix + "pods/a"
	created, err := k.OptimisticPut(ctx, key, []byte("1"), 0, kubernetes.PutOptions{})
	if err != nil {
		return err
	}
	c.isTrue("created", created.Succeeded)
	conflict, err := k.OptimisticPut(ctx, key, []byte("2"), 0, kubernetes.PutOptions{GetOnFailure: true})
	if err != nil {
		return err
	}
	c.isTrue("a conflict gives what is there", !conflict.Succeeded && string(conflict.KV.Value) == "1")
	updated, err := k.OptimisticPut(ctx, key, []byte("2"), created.Revision, kubernetes.PutOptions{})
	if err != nil {
		return err
	}
	c.isTrue("updated", updated.Succeeded)
	got, err := k.Get(ctx, key, kubernetes.GetOptions{Revision: created.Revision})
	if err != nil {
		return err
	}
	c.equal("its past", string(got.KV.Value), "1")
	stale, err := k.OptimisticDelete(ctx, key, created.Revision, kubernetes.DeleteOptions{GetOnFailure: true})
	if err != nil {
		return err
	}
	c.isTrue("a stale delete fails", !stale.Succeeded)
	deleted, err := k.OptimisticDelete(ctx, key, updated.Revision, kubernetes.DeleteOptions{})
	if err != nil {
		return err
	}
	c.isTrue("deleted", deleted.Succeeded)
	return c.err()
}

// kubeLists reads a prefix page by page, all of one revision.
func kubeLists(ctx context.Context, e *env) error {
	var c checks
	client, err := kubeClient(e)
	if err != nil {
		return err
	}
	defer client.Close()
	k := client.Kubernetes
	prefix := e.prefix + "pods/"
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, err := k.OptimisticPut(ctx, prefix+name, []byte("1"), 0, kubernetes.PutOptions{}); err != nil {
			return err
		}
	}
	page, err := k.List(ctx, prefix, kubernetes.ListOptions{Limit: 2})
	if err != nil {
		return err
	}
	c.equal("a page", len(page.Kvs), 2)
	c.equal("of", page.Count, int64(4))
	if _, err := e.Put(ctx, prefix+"e", "later"); err != nil {
		return err
	}
	rest, err := k.List(ctx, prefix, kubernetes.ListOptions{
		Revision: page.Revision, Limit: 10, Continue: string(page.Kvs[1].Key) + "\x00",
	})
	if err != nil {
		return err
	}
	c.equal("the rest, without what came later", len(rest.Kvs), 2)
	count, err := k.Count(ctx, prefix, kubernetes.CountOptions{})
	if err != nil {
		return err
	}
	c.equal("count", count, int64(5))
	return c.err()
}
