package main

import (
	"fmt"
	"log"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc/connectivity"
)

const (
	putPath    = "/etcdserverpb.KV/Put"
	rangePath  = "/etcdserverpb.KV/Range"
	deletePath = "/etcdserverpb.KV/DeleteRange"
	txnPath    = "/etcdserverpb.KV/Txn"
	// Of RangeResponse and DeleteRangeResponse.
	kvsField     = 2
	deletedField = 2
)

type call struct {
	path    string
	request message
	check   func(reply message) bool
}

// Four reads of one key to each write, keys at random but the same ones each time.
func mixed(s spec) (int, *times) {
	random := rand.New(rand.NewPCG(1, 2))
	calls := make([]call, s.Total)
	for at := range calls {
		key := keyAt(s, random.IntN(s.Keys))
		if at%5 == 0 {
			calls[at] = put(key, make([]byte, s.ValueBytes))
			continue
		}
		calls[at] = call{
			path:    rangePath,
			request: marshal(&etcdserverpb.RangeRequest{Key: key}),
			check:   func(reply message) bool { return first(reply, kvsField) != nil },
		}
	}
	return run(s, calls)
}

// Each call deletes a key of its own, which must have been there.
func deleteKeys(s spec) (int, *times) {
	calls := make([]call, s.Total)
	for at := range calls {
		calls[at] = call{
			path:    deletePath,
			request: marshal(&etcdserverpb.DeleteRangeRequest{Key: keyAt(s, at)}),
			check:   func(reply message) bool { return number(reply, deletedField) == 1 },
		}
	}
	return run(s, calls)
}

func keyAt(s spec, at int) []byte { return fmt.Appendf(nil, "%s%08d", s.Key, at) }

func put(key, value []byte) call {
	return call{
		path:    putPath,
		request: marshal(&etcdserverpb.PutRequest{Key: key, Value: value}),
		check:   func(reply message) bool { return first(reply, 1) != nil },
	}
}

func run(s spec, calls []call) (int, *times) {
	conns := connect(s)
	// A connection is made with its first call otherwise, which is not to be counted.
	for _, conn := range conns {
		conn.Connect()
		for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
			conn.WaitForStateChange(ctx, state)
		}
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	t := &times{}
	begin()
	for _, conn := range conns {
		for range s.InFlight {
			wait.Go(func() {
				var reply message
				var took []time.Duration
				for {
					at := int(next.Add(1)) - 1
					if at >= len(calls) {
						break
					}
					c := &calls[at]
					sent := time.Now()
					if err := conn.Invoke(ctx, c.path, &c.request, &reply); err != nil {
						log.Fatal(err)
					}
					took = append(took, time.Since(sent))
					if !c.check(reply) {
						log.Fatalf("%s: unexpected reply %x", c.path, reply)
					}
				}
				t.add(took)
			})
		}
	}
	wait.Wait()
	return len(calls), t
}
