package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
	"google.golang.org/grpc/metadata"
)

// authCases need a server of their own, whose authentication the first of them turns on: root has the password "pw".
var authCases = []testCase{
	{name: "auth: off, and on", run: authEnable},
	{name: "auth: users, roles, permissions", run: authManagement},
	{name: "auth: a client by name and password", run: authClient},
	{name: "auth: a token that is lost is fetched anew", run: authTokenLost},
	{name: "auth: watches and leases of a user", run: authWatches},
	{name: "auth: what was open before the rights went", run: authWatchAfter},
	{name: "auth: a session, a mutex, STM of a user", run: authConcurrency},
	{name: "auth: errors", run: authErrors},
}

func login(e *env, name, password string) (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: []string{e.endpoint}, DialTimeout: dialTimeout, Logger: zap.NewNop(), Username: name, Password: password,
	}
	return clientv3.New(config)
}

// user makes a user with a role of the same name that may do so with a key or, with an end, a range.
func user(ctx context.Context, root *clientv3.Client, name, key, end string, kind clientv3.PermissionType) error {
	if _, err := root.UserAdd(ctx, name, "pw"); err != nil {
		return err
	}
	if _, err := root.RoleAdd(ctx, name); err != nil {
		return err
	}
	if _, err := root.RoleGrantPermission(ctx, name, key, end, kind); err != nil {
		return err
	}
	_, err := root.UserGrantRole(ctx, name, name)
	return err
}

func authEnable(ctx context.Context, e *env) error {
	var c checks
	status, err := e.AuthStatus(ctx)
	c.isTrue("off at first", err == nil && !status.Enabled && status.AuthRevision == 1)
	early, err := login(e, "root", "pw")
	c.isError("a login while it is off", err, nil)
	if early != nil {
		_, err = early.Put(ctx, e.prefix+"a", "1")
		c.isError("works as if none had been made", err, nil)
		early.Close()
	}
	_, err = e.AuthEnable(ctx)
	c.isError("no root user", err, rpctypes.ErrRootUserNotExist)
	_, err = e.UserAdd(ctx, "root", "pw")
	c.isError("user add", err, nil)
	_, err = e.AuthEnable(ctx)
	c.isError("no root role", err, rpctypes.ErrRootRoleNotExist)
	_, err = e.RoleAdd(ctx, "root")
	c.isError("role add", err, nil)
	_, err = e.UserGrantRole(ctx, "root", "root")
	c.isError("grant", err, nil)
	_, err = e.AuthEnable(ctx)
	c.isError("enable", err, nil)
	_, err = e.Get(ctx, e.prefix+"a")
	c.isError("nobody", err, rpctypes.ErrUserEmpty)
	status, err = e.AuthStatus(ctx)
	c.isTrue("its state is no secret", err == nil && status.Enabled && status.AuthRevision == 4)
	return c.err()
}

func authManagement(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	before, err := root.AuthStatus(ctx)
	if err != nil {
		return err
	}
	_, err = root.UserAddWithOptions(ctx, "certificate", "", &clientv3.UserAddOptions{NoPassword: true})
	c.isError("without a password", err, nil)
	_, err = login(e, "certificate", "")
	c.isTrue("cannot log in with none", err == nil)
	_, err = login(e, "certificate", "x")
	c.isTrue("nor with one", err != nil && strings.Contains(err.Error(), "password was given for no password user"))
	for _, name := range []string{"b", "a"} {
		if _, err := root.RoleAdd(ctx, "role-"+name); err != nil {
			return err
		}
		if _, err := root.UserGrantRole(ctx, "certificate", "role-"+name); err != nil {
			return err
		}
	}
	got, err := root.UserGet(ctx, "certificate")
	if err != nil {
		return err
	}
	c.equal("roles, in order", got.Roles, []string{"role-a", "role-b"})
	_, err = root.RoleGrantPermission(ctx, "role-a", "k", "m", clientv3.PermissionType(clientv3.PermReadWrite))
	c.isError("grant", err, nil)
	_, err = root.RoleGrantPermission(ctx, "role-a", "a", "\x00", clientv3.PermissionType(clientv3.PermRead))
	c.isError("grant", err, nil)
	role, err := root.RoleGet(ctx, "role-a")
	if err != nil {
		return err
	}
	var granted []string
	for _, p := range role.Perm {
		granted = append(granted, fmt.Sprintf("%s %q %q", p.PermType, p.Key, p.RangeEnd))
	}
	c.equal("permissions, by key", granted, []string{`READ "a" "\x00"`, `READWRITE "k" "m"`})
	_, err = root.RoleDelete(ctx, "role-b")
	c.isError("role delete", err, nil)
	got, err = root.UserGet(ctx, "certificate")
	c.isTrue("goes from its users", err == nil && len(got.Roles) == 1)
	_, err = root.UserDelete(ctx, "certificate")
	c.isError("user delete", err, nil)
	after, err := root.AuthStatus(ctx)
	if err != nil {
		return err
	}
	c.equal("the auth revision counts the changes", after.AuthRevision-before.AuthRevision, uint64(9))
	return c.err()
}

func authClient(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := user(ctx, root, "u1", e.prefix, clientv3.GetPrefixRangeEnd(e.prefix), clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	u, err := login(e, "u1", "pw")
	if err != nil {
		return err
	}
	defer u.Close()
	_, err = u.Put(ctx, e.prefix+"a", "1")
	c.isError("its own", err, nil)
	_, err = u.Get(ctx, e.prefix, clientv3.WithPrefix())
	c.isError("its own range", err, nil)
	_, err = u.Get(ctx, "other")
	c.isError("another", err, rpctypes.ErrPermissionDenied)
	_, err = u.Get(ctx, e.prefix, clientv3.WithFromKey())
	c.isError("more than its own", err, rpctypes.ErrPermissionDenied)
	_, err = u.Txn(ctx).If(clientv3.Compare(clientv3.Version("other"), "=", 0)).Then(clientv3.OpPut(e.prefix+"a", "2")).Commit()
	c.isError("a compare with another", err, rpctypes.ErrPermissionDenied)
	_, err = u.UserList(ctx)
	c.isError("the list of users", err, rpctypes.ErrPermissionDenied)
	_, err = u.UserGet(ctx, "u1")
	c.isError("itself", err, nil)
	_, err = u.Compact(ctx, 1)
	c.isError("compaction", err, rpctypes.ErrPermissionDenied)
	_, err = u.Defragment(ctx, e.endpoint)
	c.isError("defragment", err, rpctypes.ErrPermissionDenied)
	_, err = u.HashKV(ctx, e.endpoint, 0)
	c.isError("hash", err, rpctypes.ErrPermissionDenied)
	_, err = u.MemberAddAsLearner(ctx, []string{"http://192.0.2.1:2380"})
	c.isError("member add", err, rpctypes.ErrPermissionDenied)
	_, err = u.MemberList(ctx)
	c.isError("member list", err, nil)
	_, err = u.Status(ctx, e.endpoint)
	c.isError("status", err, nil)
	stream, err := u.GetStream(ctx, "other")
	if err == nil {
		_, err = clientv3.GetStreamToGetResponse(stream)
	}
	c.isError("a stream of another", err, rpctypes.ErrPermissionDenied)
	reader, err := u.Snapshot(ctx)
	if err == nil {
		_, err = reader.Read(make([]byte, 1))
	}
	c.isTrue("a snapshot", err != nil && strings.Contains(err.Error(), "permission denied"))
	return c.err()
}

// getWithToken reads by the bare service, as clientv3 would go on trying.
func getWithToken(ctx context.Context, e *env, token string) error {
	withToken := metadata.NewOutgoingContext(ctx, metadata.Pairs(rpctypes.TokenFieldNameGRPC, token))
	_, err := etcdserverpb.NewKVClient(e.ActiveConnection()).Range(withToken, &etcdserverpb.RangeRequest{Key: []byte(e.prefix)})
	return err
}

func authTokenLost(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := user(ctx, root, "u2", e.prefix, "", clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	u, err := login(e, "u2", "pw")
	if err != nil {
		return err
	}
	defer u.Close()
	raw, err := u.Authenticate(ctx, "u2", "pw")
	if err != nil {
		return err
	}
	c.isError("a token by hand", getWithToken(ctx, e, raw.Token), nil)
	// Whatever changes a user ends its tokens; clientv3 signs in again and repeats what it was asked.
	_, err = root.UserChangePassword(ctx, "u2", "pw")
	c.isError("password", err, nil)
	c.isError("the token by hand", getWithToken(ctx, e, raw.Token), rpctypes.ErrGRPCInvalidAuthToken)
	_, err = u.Put(ctx, e.prefix, "1")
	c.isError("the client goes on", err, nil)
	_, err = root.UserRevokeRole(ctx, "u2", "u2")
	c.isError("revoke", err, nil)
	_, err = u.Put(ctx, e.prefix, "2")
	c.isError("without its role", err, rpctypes.ErrPermissionDenied)
	_, err = root.UserGrantRole(ctx, "u2", "u2")
	c.isError("grant", err, nil)
	_, err = u.Put(ctx, e.prefix, "3")
	c.isError("with it again", err, nil)
	_, err = root.UserChangePassword(ctx, "u2", "another")
	c.isError("password", err, nil)
	_, err = login(e, "u2", "pw")
	c.isError("the old password is worth nothing", err, rpctypes.ErrAuthFailed)
	return c.err()
}

func authWatches(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := user(ctx, root, "u3", e.prefix+"k/", clientv3.GetPrefixRangeEnd(e.prefix+"k/"), clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	u, err := login(e, "u3", "pw")
	if err != nil {
		return err
	}
	defer u.Close()
	events := u.Watch(ctx, e.prefix+"k/", clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	created := <-events
	c.isTrue("a watch of its own", created.Created && created.Err() == nil)
	_, err = u.Put(ctx, e.prefix+"k/1", "1")
	c.isError("put", err, nil)
	got, err := next(ctx, events, e.prefix, 1)
	c.isTrue("event", err == nil && got[0] == "PUT k/1=1")
	refused := <-u.Watch(ctx, e.prefix, clientv3.WithPrefix())
	denied := "rpc error: code = PermissionDenied desc = etcdserver: permission denied"
	c.equal("a watch of more", fmt.Sprint(refused.Canceled, " ", refused.Err()), "true "+denied)
	lease, err := root.Grant(ctx, 600)
	if err != nil {
		return err
	}
	_, err = root.Put(ctx, e.prefix+"other", "1", clientv3.WithLease(lease.ID))
	c.isError("put", err, nil)
	_, err = u.Revoke(ctx, lease.ID)
	c.isError("revoke of a lease with another's key", err, rpctypes.ErrPermissionDenied)
	_, err = u.TimeToLive(ctx, lease.ID, clientv3.WithAttachedKeys())
	c.isError("its keys", err, rpctypes.ErrPermissionDenied)
	_, err = u.TimeToLive(ctx, lease.ID)
	c.isError("its time", err, nil)
	_, err = u.Leases(ctx)
	c.isError("all leases", err, rpctypes.ErrPermissionDenied)
	own, err := u.Grant(ctx, 600)
	if err != nil {
		return err
	}
	kept, err := u.KeepAliveOnce(ctx, own.ID)
	c.isTrue("its own lease", err == nil && kept.TTL == 600)
	_, err = u.Put(ctx, e.prefix+"k/2", "1", clientv3.WithLease(own.ID))
	c.isError("put", err, nil)
	_, err = u.Revoke(ctx, own.ID)
	c.isError("revoke", err, nil)
	nobody := <-e.Watch(ctx, e.prefix)
	c.isTrue("nobody's watch", nobody.Canceled && nobody.Err() != nil)
	_, err = e.KeepAliveOnce(ctx, own.ID)
	c.isError("nobody's keep-alive", err, rpctypes.ErrUserEmpty)
	return c.err()
}

// authWatchAfter: a watch that is there goes on with the rights it was made with.
func authWatchAfter(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := user(ctx, root, "u4", e.prefix, "", clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	u, err := login(e, "u4", "pw")
	if err != nil {
		return err
	}
	defer u.Close()
	events := u.Watch(ctx, e.prefix, clientv3.WithCreatedNotify())
	<-events
	_, err = root.UserRevokeRole(ctx, "u4", "u4")
	c.isError("revoke", err, nil)
	_, err = root.Put(ctx, e.prefix, "1")
	c.isError("put", err, nil)
	select {
	case response := <-events:
		c.isTrue("it goes on", len(response.Events) == 1)
	case <-time.After(5 * time.Second):
		c.isTrue("no event", false)
	}
	_, err = u.Get(ctx, e.prefix)
	c.isError("a read does not", err, rpctypes.ErrPermissionDenied)
	return c.err()
}

func authConcurrency(ctx context.Context, e *env) error {
	var c checks
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := user(ctx, root, "u5", e.prefix, clientv3.GetPrefixRangeEnd(e.prefix), clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	u, err := login(e, "u5", "pw")
	if err != nil {
		return err
	}
	defer u.Close()
	s, err := concurrency.NewSession(u, concurrency.WithTTL(10))
	if err != nil {
		return err
	}
	defer s.Close()
	m := concurrency.NewMutex(s, e.prefix+"lock")
	c.isError("lock", m.Lock(ctx), nil)
	c.isError("unlock", m.Unlock(ctx), nil)
	other := concurrency.NewMutex(s, "elsewhere")
	c.isError("lock elsewhere", other.Lock(ctx), rpctypes.ErrPermissionDenied)
	_, err = concurrency.NewSTM(u, func(s concurrency.STM) error {
		s.Put(e.prefix+"stm", s.Get(e.prefix+"stm")+"x")
		return nil
	})
	c.isError("STM", err, nil)
	return c.err()
}

func authErrors(ctx context.Context, e *env) error {
	var c checks
	_, err := login(e, "root", "wrong")
	c.isError("a wrong password", err, rpctypes.ErrAuthFailed)
	_, err = login(e, "nobody", "pw")
	c.isError("no such user", err, rpctypes.ErrAuthFailed)
	root, err := login(e, "root", "pw")
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = root.UserAdd(ctx, "root", "pw")
	c.isError("there already", err, rpctypes.ErrUserAlreadyExist)
	_, err = root.UserDelete(ctx, "none")
	c.isError("user", err, rpctypes.ErrUserNotFound)
	_, err = root.UserDelete(ctx, "root")
	c.isError("root while it is on", err, rpctypes.ErrInvalidAuthMgmt)
	_, err = root.UserGrantRole(ctx, "root", "none")
	c.isError("role", err, rpctypes.ErrRoleNotFound)
	_, err = root.UserRevokeRole(ctx, "root", "none")
	c.isError("not granted", err, rpctypes.ErrRoleNotGranted)
	_, err = root.RoleAdd(ctx, "")
	c.isError("no role name", err, rpctypes.ErrRoleEmpty)
	_, err = root.RoleAdd(ctx, "root")
	c.isError("role there already", err, rpctypes.ErrRoleAlreadyExist)
	_, err = root.RoleGet(ctx, "none")
	c.isError("role", err, rpctypes.ErrRoleNotFound)
	_, err = root.RoleRevokePermission(ctx, "root", "none", "")
	c.isError("permission not granted", err, rpctypes.ErrPermissionNotGranted)
	_, err = root.RoleGrantPermission(ctx, "root", "z", "a", clientv3.PermissionType(clientv3.PermRead))
	c.isError("an empty range", err, rpctypes.ErrInvalidAuthMgmt)
	c.isError("a token that is none", getWithToken(ctx, e, "x.1"), rpctypes.ErrGRPCInvalidAuthToken)
	return c.err()
}
