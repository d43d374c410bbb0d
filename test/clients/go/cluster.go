package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
	"go.etcd.io/etcd/client/v3/naming/resolver"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

var clusterCases = []testCase{
	{name: "cluster: a learner is added, listed, updated, removed", run: learner},
	{name: "cluster: errors of members, MoveLeader, Downgrade", run: clusterErrors},
	{name: "maintenance: Snapshot, with its version and its hash", run: snapshot},
	{name: "packages: naming/resolver finds the server by its name", run: resolved},
}

func learner(ctx context.Context, e *env) error {
	var c checks
	added, err := e.MemberAddAsLearner(ctx, []string{"http://192.0.2.1:2380"})
	if err != nil {
		return err
	}
	c.isTrue("a learner without a name", added.Member.IsLearner && added.Member.Name == "" && added.Member.ID != 0)
	c.equal("members", len(added.Members), 2)
	_, err = e.MemberAddAsLearner(ctx, []string{"http://192.0.2.2:2380"})
	c.isError("a second learner", err, rpctypes.ErrTooManyLearners)
	_, err = e.MemberAdd(ctx, []string{"http://192.0.2.1:2380", "http://192.0.2.2:2380"})
	c.isError("its URL again", err, rpctypes.ErrPeerURLExist)
	_, err = e.MemberPromote(ctx, added.Member.ID)
	c.isError("promoted before it has started", err, rpctypes.ErrMemberLearnerNotReady)
	_, err = e.MemberUpdate(ctx, added.Member.ID, []string{"http://192.0.2.3:2380", "http://192.0.2.4:2380"})
	c.isError("update", err, nil)
	_, err = e.Put(ctx, e.prefix+"a", "1")
	c.isError("writes go on", err, nil)
	for _, options := range [][]clientv3.OpOption{nil, {clientv3.WithSerializable()}} {
		list, err := e.MemberList(ctx, options...)
		if err != nil {
			return err
		}
		for _, member := range list.Members {
			if member.ID == added.Member.ID {
				c.equal("its URLs", member.PeerURLs, []string{"http://192.0.2.3:2380", "http://192.0.2.4:2380"})
				c.equal("client URLs", len(member.ClientURLs), 0)
			}
		}
	}
	removed, err := e.MemberRemove(ctx, added.Member.ID)
	if err != nil {
		return err
	}
	c.equal("members", len(removed.Members), 1)
	_, err = e.MemberRemove(ctx, added.Member.ID)
	c.isError("removed already", err, rpctypes.ErrMemberNotFound)
	return c.err()
}

func clusterErrors(ctx context.Context, e *env) error {
	var c checks
	list, err := e.MemberList(ctx)
	if err != nil {
		return err
	}
	self := list.Members[0].ID
	_, err = e.MemberUpdate(ctx, 1234, []string{"http://192.0.2.1:2380"})
	c.isError("update", err, rpctypes.ErrMemberNotFound)
	_, err = e.MemberRemove(ctx, 1234)
	c.isError("remove", err, rpctypes.ErrMemberNotFound)
	_, err = e.MemberPromote(ctx, 1234)
	c.isError("promote", err, rpctypes.ErrMemberNotFound)
	_, err = e.MemberPromote(ctx, self)
	c.isError("promote of a voter", err, rpctypes.ErrMemberNotLearner)
	_, err = e.MemberRemove(ctx, self)
	c.isTrue("the only voter stays", err != nil && err.Error() == rpctypes.ErrMemberNotEnoughStarted.Error())
	_, err = e.MoveLeader(ctx, 1234)
	c.isTrue("leadership to nobody", err != nil && err.Error() == rpctypes.ErrBadLeaderTransferee.Error())
	_, err = e.MoveLeader(ctx, self)
	c.isError("to itself", err, nil)
	version, err := e.Downgrade(ctx, clientv3.DowngradeValidate, "3.6")
	c.isTrue("a downgrade could be", err == nil && version.Version == "3.7")
	_, err = e.Downgrade(ctx, clientv3.DowngradeValidate, "3.5")
	c.isTrue("to 3.5 not", err != nil && err.Error() == rpctypes.ErrInvalidDowngradeTargetVersion.Error())
	return c.err()
}

func snapshot(ctx context.Context, e *env) error {
	var c checks
	marker := bytes.Repeat([]byte("snapshot-marker "), 10)
	if _, err := e.Put(ctx, e.prefix+"a", string(marker)); err != nil {
		return err
	}
	response, err := e.SnapshotWithVersion(ctx)
	if err != nil {
		return err
	}
	defer response.Snapshot.Close()
	c.equal("version", response.Version, "3.7.0")
	all, err := io.ReadAll(response.Snapshot)
	if err != nil {
		return err
	}
	if len(all) <= sha256.Size {
		return fmt.Errorf("%d bytes", len(all))
	}
	database := all[:len(all)-sha256.Size]
	digest := sha256.Sum256(database)
	c.isTrue("the hash of what came before", bytes.Equal(digest[:], all[len(database):]))
	c.equal("whole pages", len(database)%4096, 0)
	c.isTrue("what was written is in it", bytes.Contains(database, marker))
	reader, err := e.Snapshot(ctx)
	if err != nil {
		return err
	}
	again, err := io.ReadAll(reader)
	c.isTrue("Snapshot gives the same", err == nil && len(again) >= len(all))
	return c.err()
}

func resolved(ctx context.Context, e *env) error {
	var c checks
	service := e.prefix + "service"
	manager, err := endpoints.NewManager(e.Client, service)
	if err != nil {
		return err
	}
	address, err := url.Parse(e.endpoint)
	if err != nil {
		return err
	}
	if err := manager.AddEndpoint(ctx, service+"/1", endpoints.Endpoint{Addr: address.Host}); err != nil {
		return err
	}
	builder, err := resolver.NewBuilder(e.Client)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient("etcd:///"+service, grpc.WithResolvers(builder),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	response, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.WaitForReady(true))
	c.isTrue("called by its name", err == nil && response.Status == grpc_health_v1.HealthCheckResponse_SERVING)
	return c.err()
}
