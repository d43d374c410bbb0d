package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
)

// tlsCases need a server with --client-cert-auth and the folder's certificates, of which "alice", "root" and
// "nobody" name a user in their CN, "expired" is of yesterday, and "stranger" is of another authority.
var tlsCases = []testCase{
	{name: "TLS: with a client certificate", run: tlsClient},
	{name: "TLS: what is refused, and the server goes on", run: tlsRefused},
	{name: "TLS: plain text, half a handshake, nonsense; the server goes on", run: tlsNonsense},
	{name: "TLS: the certificate's CN is the user", run: tlsUser},
}

// secure makes a client that shows the named certificate, or none for "", and trusts the named authority.
func secure(e *env, certificate, authority string) (*clientv3.Client, error) {
	config, err := tlsConfig(e, certificate, authority)
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{
		Endpoints: []string{e.endpoint}, DialTimeout: dialTimeout, TLS: config, Logger: zap.NewNop(),
	})
}

func tlsConfig(e *env, certificate, authority string) (*tls.Config, error) {
	pem, err := os.ReadFile(filepath.Join(e.folder, authority+".pem"))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(filepath.Join(e.folder, certificate+".pem"), filepath.Join(e.folder, certificate+"-key.pem"))
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// works puts and gets over a connection of its own.
func works(ctx context.Context, e *env) error {
	client, err := secure(e, "root", "ca")
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Put(ctx, e.prefix+"works", "1"); err != nil {
		return err
	}
	_, err = client.Get(ctx, e.prefix+"works")
	return err
}

func tlsClient(ctx context.Context, e *env) error {
	var c checks
	client, err := secure(e, "alice", "ca")
	if err != nil {
		return err
	}
	defer client.Close()
	events := client.Watch(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
	<-events
	for index := range 20 {
		if _, err := client.Put(ctx, fmt.Sprint(e.prefix, index), strings.Repeat("v", 100_000)); err != nil {
			return err
		}
	}
	_, err = next(ctx, events, e.prefix, 20)
	c.isError("events", err, nil)
	got, err := client.Get(ctx, e.prefix, clientv3.WithPrefix())
	c.isTrue("2 MB in one reply", err == nil && got.Count == 20)
	s, err := concurrency.NewSession(client)
	c.isError("a session", err, nil)
	c.isError("its end", s.Close(), nil)
	status, err := client.Status(ctx, e.endpoint)
	c.isTrue("status", err == nil && status.Version == "3.7.1")
	return c.err()
}

func tlsRefused(ctx context.Context, e *env) error {
	var c checks
	for _, tc := range []struct{ what, certificate, authority, message string }{
		{"no certificate", "", "ca", "certificate required"},
		{"an expired certificate", "expired", "ca", "expired certificate|bad certificate|EOF|reset by peer"},
		{"a certificate of another authority", "stranger", "ca", "unknown certificate authority|bad certificate|unknown authority|certificate required|EOF|reset by peer"},
		{"a server of another authority", "alice", "stranger-ca", "certificate signed by unknown authority"},
	} {
		err := handshake(e, tc.certificate, tc.authority)
		c.isTrue(fmt.Sprintf("%s: %v, not %s", tc.what, err, tc.message), err != nil && containsOne(err.Error(), tc.message))
		client, err := secure(e, tc.certificate, tc.authority)
		if err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		_, err = client.Get(short, "a")
		cancel()
		client.Close()
		c.isTrue(tc.what+": clientv3 fails", err != nil)
	}
	c.isError("the server goes on", works(ctx, e), nil)
	return c.err()
}

func containsOne(text, alternatives string) bool {
	for part := range strings.SplitSeq(alternatives, "|") {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// handshake tells what TLS itself says; since 1.3 a server refuses a certificate only with its first bytes. Node's
// TLS says so only where there is no certificate at all; it closes the connection on one that it does not accept.
func handshake(e *env, certificate, authority string) error {
	config, err := tlsConfig(e, certificate, authority)
	if err != nil {
		return err
	}
	config.NextProtos = []string{"h2"}
	connection, err := tls.Dial("tcp", strings.TrimPrefix(e.endpoint, "https://"), config)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	// A preface and empty settings: whoever may talk HTTP/2 is answered.
	if _, err := connection.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
		return err
	}
	_, err = connection.Read(make([]byte, 9))
	return err
}

func tlsNonsense(ctx context.Context, e *env) error {
	var c checks
	address := strings.TrimPrefix(e.endpoint, "https://")
	for _, sent := range []string{
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nonsense that begins as a TLS hello does",
		"\x00\x00\x00\x00",
	} {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		connection.Write([]byte(sent))
		connection.(*net.TCPConn).CloseWrite()
		connection.SetDeadline(time.Now().Add(10 * time.Second))
		reply := make([]byte, 4096)
		read, err := connection.Read(reply)
		timeout, isTimeout := err.(net.Error)
		c.isTrue(fmt.Sprintf("%.20q is answered or closed", sent), !isTimeout || !timeout.Timeout())
		c.isTrue(fmt.Sprintf("%.20q gets no data: %q", sent, reply[:read]), !strings.Contains(string(reply[:read]), `"health":"true"`))
		connection.Close()
	}
	// Open and silent, while others talk.
	silent, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer silent.Close()
	plain, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, DialTimeout: dialTimeout, Logger: zap.NewNop()})
	if err != nil {
		return err
	}
	defer plain.Close()
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err = plain.Get(short, "a")
	c.isTrue("clientv3 without TLS", err != nil)
	c.isError("the server goes on", works(ctx, e), nil)
	return c.err()
}

// tlsUser comes last, as it turns authentication on.
func tlsUser(ctx context.Context, e *env) error {
	var c checks
	root, err := secure(e, "root", "ca")
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = root.UserAddWithOptions(ctx, "root", "", &clientv3.UserAddOptions{NoPassword: true})
	c.isError("root", err, nil)
	_, err = root.RoleAdd(ctx, "root")
	c.isError("role", err, nil)
	_, err = root.UserGrantRole(ctx, "root", "root")
	c.isError("grant", err, nil)
	if err := user(ctx, root, "alice", e.prefix, clientv3.GetPrefixRangeEnd(e.prefix), clientv3.PermissionType(clientv3.PermReadWrite)); err != nil {
		return err
	}
	_, err = root.AuthEnable(ctx)
	c.isError("enable", err, nil)
	_, err = root.UserList(ctx)
	c.isError("root by its certificate", err, nil)
	alice, err := secure(e, "alice", "ca")
	if err != nil {
		return err
	}
	defer alice.Close()
	_, err = alice.Put(ctx, e.prefix+"a", "1")
	c.isError("alice", err, nil)
	_, err = alice.Put(ctx, "elsewhere", "1")
	c.isError("alice elsewhere", err, rpctypes.ErrPermissionDenied)
	refused := <-alice.Watch(ctx, "elsewhere")
	c.isTrue("alice watching elsewhere", refused.Canceled)
	nobody, err := secure(e, "nobody", "ca")
	if err != nil {
		return err
	}
	defer nobody.Close()
	_, err = nobody.Get(ctx, "a")
	c.isError("a certificate of no user", err, rpctypes.ErrPermissionDenied)
	return c.err()
}
