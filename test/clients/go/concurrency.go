package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

var concurrencyCases = []testCase{
	{name: "concurrency: a session's lease", run: session},
	{name: "concurrency: mutex between two sessions", run: mutex},
	{name: "concurrency: mutex, ten contenders", run: contenders},
	{name: "concurrency: election", run: election},
	{name: "concurrency: STM, all isolations", run: stm},
}

func session(ctx context.Context, e *env) error {
	var c checks
	s, err := concurrency.NewSession(e.Client, concurrency.WithTTL(30))
	if err != nil {
		return err
	}
	ttl, err := e.TimeToLive(ctx, s.Lease())
	if err != nil {
		return err
	}
	c.equal("TTL", ttl.GrantedTTL, int64(30))
	c.isError("close", s.Close(), nil)
	<-s.Done()
	ttl, err = e.TimeToLive(ctx, s.Lease())
	if err != nil {
		return err
	}
	c.equal("the lease goes with it", ttl.TTL, int64(-1))
	return c.err()
}

func twoSessions(e *env) (*concurrency.Session, *concurrency.Session, error) {
	first, err := concurrency.NewSession(e.Client)
	if err != nil {
		return nil, nil, err
	}
	second, err := concurrency.NewSession(e.Client)
	return first, second, err
}

func mutex(ctx context.Context, e *env) error {
	var c checks
	first, second, err := twoSessions(e)
	if err != nil {
		return err
	}
	defer first.Close()
	defer second.Close()
	m1, m2 := concurrency.NewMutex(first, e.prefix), concurrency.NewMutex(second, e.prefix)
	if err := m1.Lock(ctx); err != nil {
		return err
	}
	c.isError("TryLock of what is held", m2.TryLock(ctx), concurrency.ErrLocked)
	owner, err := e.Txn(ctx).If(m1.IsOwner()).Commit()
	if err != nil {
		return err
	}
	c.isTrue("is owner", owner.Succeeded)
	locked := make(chan error)
	go func() { locked <- m2.Lock(ctx) }()
	for waiting := int64(0); waiting < 2; {
		got, err := e.Get(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			return err
		}
		waiting = got.Count
	}
	select {
	case err := <-locked:
		return fmt.Errorf("locked beside the owner: %v", err)
	default:
	}
	c.isError("unlock", m1.Unlock(ctx), nil)
	c.isError("the second one locks", <-locked, nil)
	c.isError("unlock", m2.Unlock(ctx), nil)
	left, err := e.Get(ctx, e.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	c.equal("keys left", left.Count, int64(0))
	return c.err()
}

func contenders(ctx context.Context, e *env) error {
	var c checks
	var inside atomic.Int32
	var wg sync.WaitGroup
	errs := make(chan error, 10)
	for range 10 {
		wg.Go(func() {
			s, err := concurrency.NewSession(e.Client)
			if err != nil {
				errs <- err
				return
			}
			defer s.Close()
			m := concurrency.NewMutex(s, e.prefix)
			for range 3 {
				if err := m.Lock(ctx); err != nil {
					errs <- err
					return
				}
				if inside.Add(1) != 1 {
					errs <- errors.New("two inside the lock")
				}
				inside.Add(-1)
				if err := m.Unlock(ctx); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		c.isError("contender", err, nil)
	}
	return c.err()
}

func election(ctx context.Context, e *env) error {
	var c checks
	first, second, err := twoSessions(e)
	if err != nil {
		return err
	}
	defer first.Close()
	defer second.Close()
	e1, e2 := concurrency.NewElection(first, e.prefix), concurrency.NewElection(second, e.prefix)
	_, err = e1.Leader(ctx)
	c.isError("no leader yet", err, concurrency.ErrElectionNoLeader)
	observing, stop := context.WithCancel(ctx)
	defer stop()
	observed := e2.Observe(observing)
	if err := e1.Campaign(ctx, "first"); err != nil {
		return err
	}
	c.equal("observed", leader(<-observed), "first")
	c.isError("proclaim", e1.Proclaim(ctx, "still first"), nil)
	c.equal("observed", leader(<-observed), "still first")
	elected := make(chan error)
	go func() { elected <- e2.Campaign(ctx, "second") }()
	got, err := e2.Leader(ctx)
	if err != nil {
		return err
	}
	c.equal("leader", leader(got), "still first")
	c.isError("resign", e1.Resign(ctx), nil)
	c.isError("the second one is elected", <-elected, nil)
	c.equal("observed", leader(<-observed), "second")
	resumed := concurrency.ResumeElection(second, e.prefix, e2.Key(), e2.Rev())
	c.isError("resumed and resigned", resumed.Resign(ctx), nil)
	return c.err()
}

func leader(response *clientv3.GetResponse) string {
	if response == nil || len(response.Kvs) == 0 {
		return ""
	}
	return string(response.Kvs[0].Value)
}

func stm(ctx context.Context, e *env) error {
	var c checks
	for _, isolation := range []concurrency.Isolation{
		concurrency.SerializableSnapshot, concurrency.Serializable, concurrency.RepeatableReads,
	} {
		a, b := fmt.Sprintf("%s%d/a", e.prefix, isolation), fmt.Sprintf("%s%d/b", e.prefix, isolation)
		if _, err := e.Put(ctx, a, "100"); err != nil {
			return err
		}
		if _, err := e.Put(ctx, b, "0"); err != nil {
			return err
		}
		move := func(s concurrency.STM) error {
			from, _ := strconv.Atoi(s.Get(a))
			to, _ := strconv.Atoi(s.Get(b))
			s.Put(a, fmt.Sprint(from-1))
			s.Put(b, fmt.Sprint(to+1))
			return nil
		}
		var wg sync.WaitGroup
		errs := make(chan error, 20)
		for range 20 {
			wg.Go(func() {
				_, err := concurrency.NewSTM(e.Client, move, concurrency.WithIsolation(isolation), concurrency.WithPrefetch(a, b))
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			c.isError("transfer", err, nil)
		}
		for key, want := range map[string]string{a: "80", b: "20"} {
			got, err := e.Get(ctx, key)
			if err != nil {
				return err
			}
			c.equal("balance", string(got.Kvs[0].Value), want)
		}
	}
	return c.err()
}
