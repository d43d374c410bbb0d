package main

import (
	"io"
	"log"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	keepAlivePath   = "/etcdserverpb.Lease/LeaseKeepAlive"
	rangeStreamPath = "/etcdserverpb.KV/RangeStream"
	// Of LeaseKeepAliveResponse.
	ttlField = 3
)

// One lease kept alive on each of some streams, so many requests ahead of the replies.
func keepAlive(s spec) (int, *times) {
	conns := connect(s)
	request := marshal(&etcdserverpb.LeaseKeepAliveRequest{ID: s.Lease})
	each := s.Total / s.Streams
	var ready, wait sync.WaitGroup
	started := make(chan struct{})
	t := &times{}
	ready.Add(s.Streams)
	for at := range s.Streams {
		stream := open(conns[at%len(conns)], keepAlivePath)
		wait.Go(func() {
			var reply message
			receive := func() {
				if err := stream.RecvMsg(&reply); err != nil {
					log.Fatal(err)
				}
				if number(reply, ttlField) == 0 {
					log.Fatal("the lease is not alive")
				}
			}
			send(stream, request)
			receive()
			ready.Done()
			<-started
			took := make([]time.Duration, 0, each)
			sent := make([]time.Time, each)
			next := 0
			for next < min(s.InFlight, each) {
				sent[next] = time.Now()
				send(stream, request)
				next++
			}
			for received := range each {
				receive()
				took = append(took, time.Since(sent[received]))
				if next < each {
					sent[next] = time.Now()
					send(stream, request)
					next++
				}
			}
			t.add(took)
		})
	}
	ready.Wait()
	begin()
	close(started)
	wait.Wait()
	return each * s.Streams, t
}

// All keys under a prefix, read as a stream, one after the other; the time is that of a whole stream.
func rangeStream(s spec) (int, *times) {
	conn := connect(s)[0]
	request := marshal(&etcdserverpb.RangeRequest{Key: []byte(s.Key), RangeEnd: prefixEnd(s.Key)})
	count, t := 0, &times{}
	begin()
	for range s.Total {
		started := time.Now()
		stream := open(conn, rangeStreamPath)
		send(stream, request)
		if err := stream.CloseSend(); err != nil {
			log.Fatal(err)
		}
		keys := 0
		var reply message
		for {
			err := stream.RecvMsg(&reply)
			if err == io.EOF {
				break
			}
			if err != nil {
				log.Fatal(err)
			}
			fields(first(reply, 1), func(field protowire.Number, _ uint64, _ []byte) {
				if field == kvsField {
					keys++
				}
			})
		}
		if keys != s.Keys {
			log.Fatalf("%d keys where there are %d", keys, s.Keys)
		}
		count += keys
		t.add([]time.Duration{time.Since(started)})
	}
	return count, t
}

func prefixEnd(prefix string) []byte {
	end := []byte(prefix)
	end[len(end)-1]++
	return end
}
