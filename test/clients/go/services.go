package main

import (
	"context"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3election/v3electionpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3lock/v3lockpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

var serviceCases = []testCase{
	{name: "services: v3lock, who waits gets it next", run: lockService},
	{name: "services: v3lock is let go when its lease ends, and when who waits gives up", run: lockGone},
	{name: "services: v3election, campaign, proclaim, observe, resign", run: electionService},
	{name: "services: v3election, errors", run: electionErrors},
	{name: "services: grpc.health.v1", run: health},
}

// These services pass on what their own client says, and so lose the code of the error beneath it.
const unknownLease = "rpc error: code = Unknown desc = etcdserver: requested lease not found"

// untilWaiting returns once so many keys stand under the prefix: each contender has one.
func untilWaiting(ctx context.Context, e *env, count int64) error {
	for {
		got, err := e.Get(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err != nil {
			return err
		}
		if got.Count == count {
			return nil
		}
	}
}

func lockService(ctx context.Context, e *env) error {
	var c checks
	lock := v3lockpb.NewLockClient(e.ActiveConnection())
	lease, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	held, err := lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix), Lease: int64(lease.ID)})
	if err != nil {
		return err
	}
	c.equal("its key", string(held.Key), fmt.Sprintf("%s/%x", e.prefix, lease.ID))
	again, err := lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix), Lease: int64(lease.ID)})
	c.isTrue("its holder has it already", err == nil && string(again.GetKey()) == string(held.Key))
	next := make(chan *v3lockpb.LockResponse)
	go func() {
		// Without a lease the server makes one.
		response, err := lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix)})
		if err != nil {
			c.isError("the next one", err, nil)
		}
		next <- response
	}()
	if err := untilWaiting(ctx, e, 2); err != nil {
		return err
	}
	select {
	case <-next:
		return fmt.Errorf("locked beside the holder")
	default:
	}
	unlocked, err := lock.Unlock(ctx, &v3lockpb.UnlockRequest{Key: held.Key})
	if err != nil {
		return err
	}
	response := <-next
	c.isTrue("the next one has it", strings.HasPrefix(string(response.GetKey()), e.prefix+"/"))
	c.isTrue("after the unlock", response.GetHeader().GetRevision() >= unlocked.Header.Revision)
	_, err = lock.Unlock(ctx, &v3lockpb.UnlockRequest{Key: response.GetKey()})
	c.isError("unlock", err, nil)
	_, err = lock.Unlock(ctx, &v3lockpb.UnlockRequest{Key: response.GetKey()})
	c.isError("unlock of what is unlocked", err, nil)
	return c.err()
}

func lockGone(ctx context.Context, e *env) error {
	var c checks
	lock := v3lockpb.NewLockClient(e.ActiveConnection())
	lease, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	if _, err := lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix), Lease: int64(lease.ID)}); err != nil {
		return err
	}
	impatient, giveUp := context.WithCancel(ctx)
	defer giveUp()
	gone := make(chan error)
	go func() {
		_, err := lock.Lock(impatient, &v3lockpb.LockRequest{Name: []byte(e.prefix)})
		gone <- err
	}()
	if err := untilWaiting(ctx, e, 2); err != nil {
		return err
	}
	giveUp()
	c.equal("who gives up", status.Code(<-gone), codes.Canceled)
	if err := untilWaiting(ctx, e, 1); err != nil {
		return err
	}
	next := make(chan error)
	go func() {
		_, err := lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix)})
		next <- err
	}()
	if err := untilWaiting(ctx, e, 2); err != nil {
		return err
	}
	if _, err := e.Revoke(ctx, lease.ID); err != nil {
		return err
	}
	c.isError("the next one has it when the lease ends", <-next, nil)
	_, err = lock.Lock(ctx, &v3lockpb.LockRequest{Name: []byte(e.prefix + "other"), Lease: 1234})
	c.equal("a lease that is not there", fmt.Sprint(err), unknownLease)
	return c.err()
}

func electionService(ctx context.Context, e *env) error {
	var c checks
	election := v3electionpb.NewElectionClient(e.ActiveConnection())
	first, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	second, err := e.Grant(ctx, 600)
	if err != nil {
		return err
	}
	name := []byte(e.prefix)
	observing, stop := context.WithCancel(ctx)
	defer stop()
	observed, err := election.Observe(observing, &v3electionpb.LeaderRequest{Name: name})
	if err != nil {
		return err
	}
	elected, err := election.Campaign(ctx, &v3electionpb.CampaignRequest{Name: name, Lease: int64(first.ID), Value: []byte("first")})
	if err != nil {
		return err
	}
	c.equal("its key", string(elected.Leader.Key), fmt.Sprintf("%s/%x", e.prefix, first.ID))
	c.equal("its name", string(elected.Leader.Name), e.prefix)
	c.equal("observed", value(observed), "first")
	_, err = election.Proclaim(ctx, &v3electionpb.ProclaimRequest{Leader: elected.Leader, Value: []byte("still first")})
	c.isError("proclaim", err, nil)
	c.equal("observed", value(observed), "still first")
	leads, err := election.Leader(ctx, &v3electionpb.LeaderRequest{Name: name})
	if err != nil {
		return err
	}
	c.equal("leader", string(leads.Kv.Value), "still first")
	next := make(chan *v3electionpb.CampaignResponse)
	go func() {
		response, _ := election.Campaign(ctx, &v3electionpb.CampaignRequest{Name: name, Lease: int64(second.ID), Value: []byte("second")})
		next <- response
	}()
	if err := untilWaiting(ctx, e, 2); err != nil {
		return err
	}
	_, err = election.Resign(ctx, &v3electionpb.ResignRequest{Leader: elected.Leader})
	c.isError("resign", err, nil)
	c.equal("observed", value(observed), "second")
	response := <-next
	c.equal("elected by its lease", response.GetLeader().GetLease(), int64(second.ID))
	_, err = election.Resign(ctx, &v3electionpb.ResignRequest{Leader: elected.Leader})
	c.isError("resign of who does not lead", err, nil)
	stop()
	_, err = observed.Recv()
	c.equal("observation ends", status.Code(err), codes.Canceled)
	return c.err()
}

func value(observed v3electionpb.Election_ObserveClient) string {
	response, err := observed.Recv()
	if err != nil {
		return err.Error()
	}
	return string(response.Kv.Value)
}

func electionErrors(ctx context.Context, e *env) error {
	var c checks
	election := v3electionpb.NewElectionClient(e.ActiveConnection())
	name := []byte(e.prefix)
	message := func(_ any, err error) string { return status.Convert(err).Message() }
	c.equal("no leader", message(election.Leader(ctx, &v3electionpb.LeaderRequest{Name: name})), "election: no leader")
	c.equal("no leader key", message(election.Proclaim(ctx, &v3electionpb.ProclaimRequest{})), `"leader" field must be provided`)
	c.equal("no leader key", message(election.Resign(ctx, &v3electionpb.ResignRequest{})), `"leader" field must be provided`)
	lost := &v3electionpb.LeaderKey{Name: name, Key: append(name, "/4d2"...), Rev: 5, Lease: 1234}
	c.equal("lost", message(election.Proclaim(ctx, &v3electionpb.ProclaimRequest{Leader: lost})), "election: not leader")
	_, err := election.Campaign(ctx, &v3electionpb.CampaignRequest{Name: name, Lease: 1234})
	c.equal("a lease that is not there", fmt.Sprint(err), unknownLease)
	return c.err()
}

func health(ctx context.Context, e *env) error {
	var c checks
	client := grpc_health_v1.NewHealthClient(e.ActiveConnection())
	for _, service := range []string{"", "etcdserverpb.KV", "nonsense"} {
		response, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		if service == "" {
			c.isError("check", err, nil)
			c.equal("status", response.GetStatus(), grpc_health_v1.HealthCheckResponse_SERVING)
		} else {
			c.equal("check of "+service, status.Code(err), codes.NotFound)
		}
	}
	watching, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	response, err := watching.Recv()
	c.isTrue("watched", err == nil && response.Status == grpc_health_v1.HealthCheckResponse_SERVING)
	return c.err()
}
