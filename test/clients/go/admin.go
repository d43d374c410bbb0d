package main

import (
	"context"
	"slices"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

var adminCases = []testCase{
	{name: "maintenance: status, hash, defragment", run: maintenance},
	{name: "maintenance: a NOSPACE alarm", run: alarm},
	{name: "cluster: member list, Sync", run: members},
}

func maintenance(ctx context.Context, e *env) error {
	var c checks
	put, err := e.Put(ctx, e.prefix+"a", "1")
	if err != nil {
		return err
	}
	status, err := e.Status(ctx, e.endpoint)
	if err != nil {
		return err
	}
	c.equal("version", status.Version, "3.7.1")
	c.equal("it leads itself", status.Leader, status.Header.MemberId)
	c.isTrue("a term, an index, a size", status.RaftTerm > 0 && status.RaftIndex > 0 && status.DbSize > 0)
	c.equal("errors", len(status.Errors), 0)
	hash, err := e.HashKV(ctx, e.endpoint, put.Header.Revision)
	if err != nil {
		return err
	}
	c.equal("hash revision", hash.HashRevision, put.Header.Revision)
	again, err := e.HashKV(ctx, e.endpoint, put.Header.Revision)
	if err != nil {
		return err
	}
	c.equal("hash", again.Hash, hash.Hash)
	_, err = e.Defragment(ctx, e.endpoint)
	c.isError("defragment", err, nil)
	return c.err()
}

func alarm(ctx context.Context, e *env) error {
	var c checks
	status, err := e.Status(ctx, e.endpoint)
	if err != nil {
		return err
	}
	none, err := e.AlarmList(ctx)
	if err != nil {
		return err
	}
	c.equal("alarms", len(none.Alarms), 0)
	// clientv3 cannot raise an alarm: the call beneath it can.
	raw := etcdserverpb.NewMaintenanceClient(e.ActiveConnection())
	_, err = raw.Alarm(ctx, &etcdserverpb.AlarmRequest{
		Action: etcdserverpb.AlarmRequest_ACTIVATE, MemberID: status.Header.MemberId, Alarm: etcdserverpb.AlarmType_NOSPACE,
	})
	if err != nil {
		return err
	}
	raised, err := e.AlarmList(ctx)
	if err != nil {
		return err
	}
	c.equal("raised", raised.Alarms[0].Alarm, etcdserverpb.AlarmType_NOSPACE)
	_, err = e.Put(ctx, e.prefix+"a", "1")
	c.isTrue("puts are refused", err != nil && err.Error() == "etcdserver: mvcc: database space exceeded")
	_, err = e.Get(ctx, e.prefix+"a")
	c.isError("reads go on", err, nil)
	_, err = e.Delete(ctx, e.prefix+"a")
	c.isError("deletes go on", err, nil)
	disarmed, err := e.AlarmDisarm(ctx, &clientv3.AlarmMember{})
	if err != nil {
		return err
	}
	c.equal("disarmed", len(disarmed.Alarms), 1)
	_, err = e.Put(ctx, e.prefix+"a", "1")
	c.isError("puts go on", err, nil)
	return c.err()
}

func members(ctx context.Context, e *env) error {
	var c checks
	list, err := e.MemberList(ctx)
	if err != nil {
		return err
	}
	c.equal("members", len(list.Members), 1)
	c.equal("its id is the header's", list.Members[0].ID, list.Header.MemberId)
	c.isTrue("its name", list.Members[0].Name != "")
	if err := e.Sync(ctx); err != nil {
		return err
	}
	c.isTrue("synced to the endpoint in use", slices.Contains(e.Endpoints(), e.endpoint))
	_, err = e.Put(ctx, e.prefix+"a", "1")
	c.isError("and it answers", err, nil)
	return c.err()
}
