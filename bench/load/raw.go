package main

import (
	"context"
	"log"
	"math"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Messages stay bytes, so that the load costs little beside the server: requests are made beforehand, of replies only
// the fields that are counted are looked at.
type message []byte

type rawCodec struct{}

func (rawCodec) Name() string                  { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*message), nil }

func (rawCodec) Unmarshal(data []byte, v any) error {
	m := v.(*message)
	*m = append((*m)[:0], data...)
	return nil
}

var (
	ctx         = context.Background()
	bothStreams = &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
)

func connect(s spec) []*grpc.ClientConn {
	conns := make([]*grpc.ClientConn, max(1, s.Connections))
	for at := range conns {
		conn, err := grpc.NewClient(s.Endpoint,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(math.MaxInt32)),
		)
		if err != nil {
			log.Fatal(err)
		}
		conns[at] = conn
	}
	return conns
}

func marshal(m proto.Message) message {
	bytes, err := proto.Marshal(m)
	if err != nil {
		log.Fatal(err)
	}
	return bytes
}

func open(conn *grpc.ClientConn, path string) grpc.ClientStream {
	stream, err := conn.NewStream(ctx, bothStreams, path)
	if err != nil {
		log.Fatal(err)
	}
	return stream
}

func send(stream grpc.ClientStream, m message) {
	if err := stream.SendMsg(&m); err != nil {
		log.Fatal(err)
	}
}

// Calls see for each field of a message: a number's value, or bytes.
func fields(m []byte, see func(field protowire.Number, number uint64, bytes []byte)) {
	for len(m) > 0 {
		field, kind, size := protowire.ConsumeTag(m)
		if size < 0 {
			log.Fatalf("not a message: %v", protowire.ParseError(size))
		}
		m = m[size:]
		switch kind {
		case protowire.VarintType:
			number, size := protowire.ConsumeVarint(m)
			if size < 0 {
				log.Fatal("not a message: a number is cut")
			}
			see(field, number, nil)
			m = m[size:]
		case protowire.BytesType:
			bytes, size := protowire.ConsumeBytes(m)
			if size < 0 {
				log.Fatal("not a message: bytes are cut")
			}
			see(field, 0, bytes)
			m = m[size:]
		default:
			log.Fatalf("no message of etcd's has a field of type %d", kind)
		}
	}
}

// The bytes of a message's first field of that number.
func first(m []byte, wanted protowire.Number) []byte {
	var found []byte
	fields(m, func(field protowire.Number, _ uint64, bytes []byte) {
		if field == wanted && found == nil {
			found = bytes
		}
	})
	return found
}

func number(m []byte, wanted protowire.Number) uint64 {
	var found uint64
	fields(m, func(field protowire.Number, number uint64, _ []byte) {
		if field == wanted {
			found = number
		}
	})
	return found
}
