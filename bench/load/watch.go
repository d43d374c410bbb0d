package main

import (
	"encoding/binary"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	watchPath = "/etcdserverpb.Watch/Watch"
	// etcd's default limit is 128.
	putsPerTxn = 100
	// Of WatchResponse, Event and KeyValue.
	watchIDField  = 2
	createdField  = 3
	canceledField = 4
	eventsField   = 11
	kvField       = 2
	valueField    = 5
)

// Watchers on some streams, and what they see.
//
//	keys = 1          all watch the one key, which is put total times
//	keys = watchers   each watches a key of its own, total times put
//	watchers = 1      watches the prefix, whose keys are put total times
//	startRevision     nothing is put: what has been is waited for, at least total events each
func watch(s spec) (int, *times) {
	conns := connect(s)
	w := &watching{spec: s, t: &times{}, epoch: time.Now()}
	streams := make([]grpc.ClientStream, max(1, s.Streams))
	w.created.Add(s.Watchers)
	for at := range streams {
		streams[at] = open(conns[at%len(conns)], watchPath)
	}
	if s.StartRevision > 0 {
		begin()
	}
	each := s.Watchers / len(streams)
	for at, stream := range streams {
		w.wait.Go(func() { w.receive(stream, each) })
		for n := range each {
			send(stream, w.create(at*each+n))
		}
	}
	w.created.Wait()
	if s.StartRevision == 0 {
		begin()
		w.write(connect(s))
	}
	w.wait.Wait()
	return int(w.seen.Load()), w.t
}

type watching struct {
	spec
	t             *times
	epoch         time.Time
	created, wait sync.WaitGroup
	seen          atomic.Int64
}

func (w *watching) eventsEach() int {
	if w.Watchers == 1 && w.StartRevision == 0 {
		return w.Keys * w.Total
	}
	return w.Total
}

func (w *watching) create(at int) message {
	request := &etcdserverpb.WatchCreateRequest{Key: []byte(w.Key), StartRevision: w.StartRevision}
	if w.Keys > 1 && w.Watchers > 1 {
		request.Key = keyAt(w.spec, at)
	} else if w.Keys > 1 {
		request.RangeEnd = prefixEnd(w.Key)
	}
	return marshal(&etcdserverpb.WatchRequest{
		RequestUnion: &etcdserverpb.WatchRequest_CreateRequest{CreateRequest: request},
	})
}

// Until each watcher of a stream has seen all its events.
func (w *watching) receive(stream grpc.ClientStream, watchers int) {
	seen := make([]int, watchers)
	left := watchers * w.eventsEach()
	var took []time.Duration
	var reply message
	for left > 0 {
		if err := stream.RecvMsg(&reply); err != nil {
			log.Fatal(err)
		}
		var watchID uint64
		var firstEvent []byte
		events := 0
		fields(reply, func(field protowire.Number, number uint64, bytes []byte) {
			switch field {
			case watchIDField:
				watchID = number
			case createdField:
				w.created.Done()
			case canceledField:
				log.Fatal("a watch was canceled")
			case eventsField:
				events++
				if firstEvent == nil {
					firstEvent = bytes
				}
			}
		})
		if events == 0 {
			continue
		}
		if w.StartRevision == 0 {
			sent := binary.BigEndian.Uint64(first(first(firstEvent, kvField), valueField))
			took = append(took, time.Since(w.epoch)-time.Duration(sent))
		}
		left -= events
		seen[watchID] += events
		w.seen.Add(int64(events))
		// Of what has been there is more, and what is asked for may end within a response.
		if seen[watchID] > w.eventsEach() && w.StartRevision == 0 {
			log.Fatalf("watcher %d saw %d events", watchID, seen[watchID])
		}
	}
	w.t.add(took)
}

// Each value begins with the time it is sent at.
func (w *watching) value() []byte {
	value := make([]byte, max(8, w.ValueBytes))
	binary.BigEndian.PutUint64(value, uint64(time.Since(w.epoch)))
	return value
}

func (w *watching) write(conns []*grpc.ClientConn) {
	work := make(chan int)
	for at := range max(1, w.InFlight) {
		conn := conns[at%len(conns)]
		w.wait.Go(func() {
			var reply message
			for from := range work {
				path, request := txnPath, message(nil)
				if w.Keys == 1 {
					path, request = putPath, put([]byte(w.Key), w.value()).request
				} else {
					request = w.txn(from)
				}
				if err := conn.Invoke(ctx, path, &request, &reply); err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	for range w.Total {
		for from := 0; from < w.Keys; from += putsPerTxn {
			work <- from
		}
	}
	close(work)
}

func (w *watching) txn(from int) message {
	txn := &etcdserverpb.TxnRequest{}
	value := w.value()
	for at := from; at < min(from+putsPerTxn, w.Keys); at++ {
		put := &etcdserverpb.PutRequest{Key: keyAt(w.spec, at), Value: value}
		txn.Success = append(txn.Success, &etcdserverpb.RequestOp{
			Request: &etcdserverpb.RequestOp_RequestPut{RequestPut: put},
		})
	}
	return marshal(txn)
}
